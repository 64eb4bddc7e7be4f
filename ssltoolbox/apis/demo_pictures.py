"""Pictures of the demo: predictions side by side, pseudo labels, and curves."""

import shutil
from pathlib import Path

import numpy as np

from ssltoolbox.apis.config import load_config
from ssltoolbox.apis.model import Which, load_model
from ssltoolbox.registry import DATASETS
from ssltoolbox.semi.store import LabelStore
from ssltoolbox.utils.image_file import write_image
from ssltoolbox.visualization.colors import side_colors
from ssltoolbox.visualization.curves import plot_curves, read_scalars
from ssltoolbox.visualization.draw import draw_pose, enlarge
from ssltoolbox.visualization.sheet import grid

from mmpose.apis import inference_topdown  # isort: skip

NETWORKS: dict[str, tuple[str, Which]] = {
    'supervised, 5 labels': ('supervised', 'student'),
    'ScarceNet teacher, 5 labels': ('scarcenet', 'teacher'),
    'supervised, all labels': ('all_labels', 'student'),
}


def draw_all(out: Path, data: Path, configs: dict[str, Path]) -> list[Path]:
    """Write all pictures of a finished demo.

    Args:
        out: Folder of the demo.
        data: Root of the generated animals.
        configs: Config of each run.

    Returns:
        The pictures, in the order in which to look at them.
    """
    folder = out / 'pictures'
    folder.mkdir(parents=True, exist_ok=True)
    cfg = load_config(configs['scarcenet'], options={'data_root': str(data)})
    dataset = DATASETS.build({**cfg.test_dataloader.dataset, 'pipeline': []})
    pictures = [
        _predictions(out, configs, cfg, dataset, folder / 'predictions.png'),
        _pseudo_labels(out, cfg, folder / 'pseudo_labels.png'),
        *_last_training_picture(out, folder / 'training_views.png'),
        _curves(out, folder / 'curves.png'),
    ]
    return pictures


def _predictions(out: Path, configs, cfg, dataset, path: Path) -> Path:
    """Truth and each network's poses on test images."""
    records = [dataset.get_data_info(i) for i in _spread(len(dataset), 6)]
    columns = {'truth': [_truth(record, dataset.metainfo) for record in records]}
    for title, (run, which) in NETWORKS.items():
        stage = sorted((out / 'runs' / run).glob('*/config.py'), key=_age)[-1].parent
        checkpoint = (stage / 'last_checkpoint').read_text()
        wanted: Which = which if run == 'scarcenet' else 'auto'
        network, _ = load_model(stage / 'config.py', checkpoint, wanted)
        network.cfg = cfg
        columns[title] = [_predicted(network, r, dataset.metainfo) for r in records]
    images = [image for row in zip(*columns.values(), strict=True) for image in row]
    sheet = grid(images, cols=len(columns), cell=(300, 300), headings=list(columns))
    write_image(path, sheet)
    return path


def _pseudo_labels(out: Path, cfg, path: Path) -> Path:
    """Stored pseudo labels: what the score threshold keeps and drops."""
    store = LabelStore.read(out / 'runs' / 'scarcenet' / 'pseudo_label' / 'store')
    source = cfg.train_dataloader.dataset.sources.unlabelled
    threshold = store.score_threshold(source.drop_share)
    dataset = DATASETS.build({**source.dataset, 'pipeline': []})
    images = []
    for index in _spread(len(dataset), 12):
        record = dataset.get_data_info(index)
        row = int(store.lookup([record['id']])[0])
        kept = (store.scores[row] > threshold).astype(np.float32)
        images.append(_draw(record, store.keypoints[row], dataset.metainfo, kept))
    title = (
        'pseudo labels of the supervised network: '
        f'filled = kept (score > {threshold:.2f})'
    )
    headings = [title, '', '', '']
    write_image(path, grid(images, cols=4, cell=(300, 300), headings=headings))
    return path


def _last_training_picture(out: Path, path: Path) -> list[Path]:
    """The last picture that the training itself wrote, if there is one."""
    run = out / 'runs' / 'scarcenet'
    written = sorted(run.rglob('pseudo_labels/*.png'), key=_age)
    if not written:
        return []
    shutil.copyfile(written[-1], path)
    return [path]


def _curves(out: Path, path: Path) -> Path:
    scalars = {}
    for run, keys in {
        'scarcenet/semi': ('teacher/coco/AP', 'student/coco/AP'),
        'supervised': ('coco/AP',),
        'all_labels': ('coco/AP',),
    }.items():
        stage = out / 'runs' / run
        if not (stage / 'vis_data').exists() and not list(stage.glob('*/vis_data')):
            stage = sorted(stage.glob('*/config.py'), key=_age)[-1].parent
        found = read_scalars(stage)
        for key in keys:
            if key in found:
                scalars[f'{run.split("/")[0]} {key}'] = found[key]
    plot_curves(scalars, path)
    return path


def _truth(record: dict, meta: dict) -> np.ndarray:
    return _draw(record, record['keypoints'][0], meta, record['keypoints_visible'][0])


def _predicted(network, record: dict, meta: dict) -> np.ndarray:
    result = inference_topdown(network, record['img_path'], record['bbox'])[0]
    return _draw(record, result.pred_instances.keypoints[0], meta, None)


def _draw(record: dict, points: np.ndarray, meta: dict, weights) -> np.ndarray:
    import cv2

    image, points = enlarge(cv2.imread(record['img_path']), points)
    names = meta['keypoint_id2name']
    colors = side_colors([names[k] for k in sorted(names)])
    return draw_pose(image, points, weights, meta['skeleton_links'], colors)


def _spread(size: int, count: int) -> list[int]:
    return np.linspace(0, size - 1, min(count, size)).astype(int).tolist()


def _age(path: Path) -> float:
    return path.stat().st_mtime
