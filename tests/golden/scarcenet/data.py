"""What the data sets hold, and what is drawn at random for each item."""

import random

import cv2
import numpy as np
import torch

from ssltoolbox.datasets.label_list import load_label_list
from ssltoolbox.datasets.transforms.instance_box import RandomHalfBody
from ssltoolbox.datasets.transforms.rand_augment import OPS, PoseRandAugment, cut_out
from ssltoolbox.registry import TRANSFORMS
from ssltoolbox.semi.store import LabelStore

from ..registry import drives
from ..vectors import NUMBER, Entry
from .parts import PIXEL_STD, batched, ends_at_border, metainfo, mirror, stride


@drives('scarcenet', 'dataset_info')
def dataset_info(entry: Entry) -> None:
    info = metainfo()
    partners = info['flip_indices']
    pairs = [(i, j) for i, j in enumerate(partners) if i < j]
    entry.check('out_sigmas', info['sigmas'].astype(np.float64).round(6))
    entry.check('out_flip_index', partners)
    entry.check('out_flip_pairs', pairs)
    entry.check('out_upper', info['upper_body_ids'])
    entry.check('out_lower', info['lower_body_ids'])
    entry.check('out_joint_weights', info['dataset_keypoint_weights'][:, None])
    entry.check('out_skeleton', info['skeleton_links'])


@drives('scarcenet', 'label_lists')
def label_lists(entry: Entry) -> None:
    for key, (name,) in entry.matching(r'out_list_(\w+)').items():
        suffix = f'{name}shot' if name.isdigit() else name.lower()
        shipped = load_label_list(f'ap10k_split1_{suffix}', drop_duplicates=False)
        entry.check(key, shipped.ids)


@drives('scarcenet', 'pseudo_label_threshold')
def pseudo_label_threshold(entry: Entry) -> None:
    given = entry['in_pseudo']
    store = LabelStore(np.arange(len(given)), given[..., :2], given[..., 2], {})
    threshold = store.score_threshold(entry.params['percentage'])
    visible = (store.scores > threshold).astype(np.float32)
    ours = np.concatenate([store.keypoints, visible[..., None]], -1)
    entry.check('out_pseudo', ours)


@drives('scarcenet', 'half_body')
def half_body(entry: Entry) -> None:
    info = metainfo()
    (first,) = entry.find(r'np\.random\.seed\((\d+)\s*\+\s*i\)')
    (padding,) = entry.find(rf'padding ({NUMBER})')
    crop = RandomHalfBody(padding=float(padding))
    rows = []
    for i, (joints, vis) in enumerate(
        zip(entry['in_joints'], entry['in_vis'], strict=True)
    ):
        np.random.seed(int(first) + i)
        box = crop.half_body(
            joints[:, :2],
            vis[:, 0] > 0,
            info['upper_body_ids'],
            info['lower_body_ids'],
        )
        missing = np.full(4, np.nan)
        rows.append(missing if box is None else np.r_[box[0], box[1] / PIXEL_STD])
    entry.check('out_center_scale', np.stack(rows))


@drives('scarcenet', 'randaugment')
def randaugment(entry: Entry) -> None:
    """Ours does not call Pillow, so that its version makes no difference."""
    p = entry.params
    image = entry['in_image']
    bgr = np.ascontiguousarray(image[..., ::-1])
    operations = '|'.join(OPS)
    for key, (name, level) in entry.matching(rf'out_({operations})_(\d+)').items():
        entry.check(key, OPS[name](bgr, int(level))[..., ::-1], 'exact')
    holes = entry.matching(r'out_CutoutAbs_v(\d+)_seed(\d+)')
    for key, (size, seed) in holes.items():
        ours = image.copy()
        np.random.seed(int(seed))
        cut_out(ours, int(size))
        entry.check(key, ours, 'exact')
    policy = PoseRandAugment(p['n'], p['m'], p['num_cutout'], p['cut_px'])
    for key, (seed,) in entry.matching(r'out_randaug_seed(\d+)').items():
        random.seed(int(seed))
        np.random.seed(int(seed))
        ours = policy({'img': entry['in_image96'][..., ::-1]})['img'][..., ::-1]
        entry.check(key, ours, 'exact')


@drives('scarcenet', 'semi_item_geometry')
def semi_item_geometry(entry: Entry) -> None:
    """Views of ours hold the mirroring too: ``view = crop @ mirror``."""
    draw = _drawer(entry)
    rows = [_recorded(entry, draw(seed)) for seed in entry.seeds()]
    table = {key: np.stack([row[key] for row in rows]) for key in rows[0]}
    # the original leaves invisible joints unmoved, and sets them to 0 if mirrored
    seen = table['out_joints_vis'] > 0
    points = entry['out_joints'][..., :2]
    entry.check('out_joints', table.pop('out_joints'), 'points', seen, points)
    for key in ('out_joints_vis', 'out_joints_vis_ema'):
        entry.check(key, table.pop(key), 'points', expected=entry[key][..., 0])
    weight, border = table.pop('out_tw'), table.pop('border')
    entry.check('out_tw', weight, 'points', where=~border)
    for key, ours in table.items():
        entry.check(key, ours, 'grey' if 'crop' in key else 'matrices')


def _size(entry: Entry) -> tuple[int, int]:
    """(w, h) of the crops: the box's centre goes to the crop's centre."""
    center = entry['out_warpmat1'][0] @ [*entry['out_center'][0], 1]
    return tuple(round(2 * float(c)) for c in center)


def _drawer(entry: Entry):
    """Our pipeline on the item, as a function of the seed."""
    across, down = map(int, entry.find(r'repeated (\d+)x(\d+)'))
    image = entry['in_image_small_bgr'].repeat(down, axis=0).repeat(across, axis=1)
    half_body, branches = _pipeline(entry.params, _size(entry))
    names = ('flip_indices', 'upper_body_ids', 'lower_body_ids')
    layout = {key: metainfo()[key] for key in names}

    def draw(seed: int) -> dict:
        results = dict(
            layout,
            img=image,
            bbox_center=entry['in_center'][None],
            bbox_scale=entry['in_scale'][None] * PIXEL_STD,
            keypoints=entry['in_joints'][None, :, :2],
            keypoints_visible=entry['in_joints_vis'][None, :, 0],
        )
        random.seed(seed)
        np.random.seed(seed)
        views = branches(half_body(results))
        return views | {'width': image.shape[1]}

    return draw


def _recorded(entry: Entry, views: dict) -> dict[str, np.ndarray]:
    """What our views hold, under the original's names."""
    samples, width = views['data_samples'], views['width']
    strong, weak, plain = (samples[key] for key in ('strong', 'weak', 'plain'))
    crop, weak_crop = (
        sample.view @ mirror(width) if sample.flip else sample.view
        for sample in (strong, weak)
    )
    x, y = strong.input_center
    points = strong.gt_instances.transformed_keypoints
    seen = strong.gt_instances.keypoints_visible
    size = _size(entry)
    heatmap = tuple(s // c for s, c in zip(size, stride(), strict=True))
    codec, label = batched(size, heatmap), [torch.from_numpy(a) for a in (points, seen)]
    _, weight = codec.encode(*label)
    return dict(
        out_center=np.array([width - 1 - x if strong.flip else x, y]),
        out_scale=strong.input_scale / PIXEL_STD,
        out_rotation=np.degrees(np.arctan2(crop[0, 1], crop[0, 0])),
        out_flip=float(strong.flip),
        out_center_ema=plain.input_center,
        out_scale_ema=plain.input_scale / PIXEL_STD,
        out_warpmat1=crop[:2],
        out_warpmat_v2=weak_crop[:2],
        out_flip_v2=float(weak.flip),
        out_joints=points[0],
        out_joints_vis=seen[0],
        out_joints_vis_ema=plain.gt_instances.keypoints_visible[0],
        out_tw=weight[0, :, None].numpy(),
        border=ends_at_border(codec, label[0])[0].numpy(),
    ) | _area_means(entry, views['inputs'])


def _area_means(entry: Entry, crops: dict) -> dict[str, np.ndarray]:
    """Area averages in RGB of the (3, H, W) BGR crops."""
    means = {}
    for suffix, view in {'': 'strong', '_v2': 'weak', '_ema': 'plain'}.items():
        key = f'out_crop{suffix}_mean'
        rgb = crops[view].numpy()[::-1].transpose(1, 2, 0).astype(np.float32)
        size = entry[key].shape[2:0:-1]
        means[key] = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    return means


def _pipeline(p: dict, size: tuple[int, int]) -> list:
    """Half body, then the three views; the photometric part comes after."""
    pack = dict(type='ssltoolbox.PackPoseView')

    def random_view(scale: float, rotation: float) -> list[dict]:
        kind = dict(type='ssltoolbox.RandomView', input_size=size)
        flip = {} if p['FLIP'] else dict(flip_prob=0.0)
        return [dict(kind, scale=scale, rotation=rotation, **flip), pack]

    steps = [
        dict(
            type='ssltoolbox.RandomHalfBody',
            prob=p['PROB_HALF_BODY'],
            min_keypoints=p['NUM_JOINTS_HALF_BODY'],
        ),
        dict(
            type='ssltoolbox.Branches',
            strong=random_view(p['SCALE_FACTOR'], p['ROT_FACTOR']),
            weak=random_view(p['sf_aggre'], p['rf_aggre']),
            plain=[dict(type='ssltoolbox.CropView', input_size=size), pack],
        ),
    ]
    return [TRANSFORMS.build(step) for step in steps]
