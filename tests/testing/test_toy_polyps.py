"""The toy polyps: what is drawn, the layout on disk, and the config that reads it."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.registry import init_default_scope

from ssltoolbox.apis.config import load_config
from ssltoolbox.datasets.label_list import load_label_list
from ssltoolbox.registry import DATASETS
from ssltoolbox.testing.toy_polyps.__main__ import main
from ssltoolbox.testing.toy_polyps.frame import visible
from ssltoolbox.testing.toy_polyps.generate import PER_PATIENT, generate, pictures
from ssltoolbox.testing.toy_polyps.patient import FRAMES, SIZES, sample_patient
from ssltoolbox.testing.toy_polyps.picture import draw
from ssltoolbox.testing.toy_polyps.polyp import Lobe, grow
from ssltoolbox.testing.toy_polyps.surface import Surface, grid, shade
from ssltoolbox.utils.digest import name_id

CONFIG = Path(__file__).parents[2] / 'configs/_base_/datasets/toy_polyps.py'
SMALL = dict(num_train=10, num_valid=1, num_test=2, num_unlabelled=1, progress=False)
SPLITS = ('train', 'valid', 'test')


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    return generate(tmp_path_factory.mktemp('polyps') / 'set', **SMALL)


@pytest.fixture(scope='module')
def drawn():
    """The first images of twelve patients."""
    patients = [sample_patient(np.random.default_rng(n)) for n in range(12)]
    return [draw(np.random.default_rng([1, n]), p) for n, p in enumerate(patients)]


def level(height=60, width=80):
    """An even, fully lit wall."""
    grey = np.full((height, width, 3), 100, np.float32)
    return Surface(grey, *np.zeros((1, height, width), np.float32), grey[..., 0] / 100)


def test_a_lobe_without_waves_is_an_ellipse():
    lobe = Lobe(np.array([0.1, -0.2]), 0.4, 2.0, np.pi / 2, np.zeros((5, 2)))
    # turned by a quarter: the larger radius, 0.4, lies along y, the smaller along x
    x, y = np.array([0.1, 0.3, 0.1, 0.1]), np.array([0.2, -0.2, -0.2, 0.6])
    assert lobe.distance(x, y) == pytest.approx([1, 1, 0, 2])


def test_the_mask_is_what_the_polyp_raises_and_colours():
    rng = np.random.default_rng(3)
    surface, free = level(120, 160), np.zeros((120, 160), bool)
    free[60, 80] = True
    before = surface.albedo.copy()
    mask = grow(rng, surface, sample_patient(rng), free)
    coloured = np.abs(surface.albedo - before).max(-1) > 1
    both = (coloured & mask).sum()
    assert mask[60, 80] and 0.01 < mask.mean() < 0.4
    assert both > 0.95 * coloured.sum() and both > 0.85 * mask.sum()
    assert surface.relief[mask].mean() > 10 * abs(surface.relief[~mask].mean())


def test_light_falls_on_what_faces_the_lens():
    rng = np.random.default_rng(0)
    x, _ = grid(80, 60)
    tilted = level()
    tilted.relief -= 30 * np.abs(x) * 60  # a ridge, whose sides are turned away
    flat, steep = (shade(rng, each, wetness=-9) for each in (level(), tilted))
    assert flat[30, 40].max() == pytest.approx(105, abs=2)  # 100 * (0.3 + 0.75)
    assert steep[30, 20].max() == pytest.approx(30, abs=2)


def test_grid_is_centred_and_in_image_heights():
    x, y = grid(4, 2)
    assert x[0].tolist() == [-0.75, -0.25, 0.25, 0.75]
    assert y[:, 0].tolist() == [-0.25, 0.25]


@pytest.mark.parametrize('shape', FRAMES)
def test_frames_show_the_middle(shape):
    shown = visible(np.random.default_rng(0), shape, 160, 128)
    assert shown[64, 80] and 0.6 < shown.mean() < 1
    assert shown[3, 3] == (shape == 'full')
    assert shown[120, 35] == (shape != 'inset')


def test_images_show_none_to_two_polyps_of_many_sizes(drawn):
    shares = np.array([picture.mask.mean() for picture in drawn])
    assert (shares > 0).sum() >= 8 and shares.max() < 0.5
    assert np.ptp(shares) > 0.05
    for picture in drawn:
        count, _ = cv2.connectedComponents(picture.mask.astype(np.uint8))
        assert count - 1 <= 4  # two polyps, of which folds of the frame cut pieces


def test_no_threshold_of_redness_finds_the_polyps_of_all_patients(drawn):
    truth = np.concatenate([picture.mask.ravel() for picture in drawn])
    pixels = np.concatenate([picture.image.reshape(-1, 3) for picture in drawn])
    redness = pixels[:, 0] / (pixels.sum(1) + 30.0)  # black is not red
    for quantile in np.linspace(0.7, 0.99, 30):
        found = redness > np.quantile(redness, quantile)
        assert 2 * (found & truth).sum() / (found.sum() + truth.sum()) < 0.75


def test_layout_is_that_of_semi_seg(root):
    assert (root / 'codes.txt').read_text() == 'background,0\npolyp,255'
    sizes = set()
    for split, count in zip(SPLITS, (10, 1, 2), strict=True):
        names = sorted(p.name for p in (root / 'Images' / split).iterdir())
        assert names == sorted(p.name for p in (root / 'Labels' / split).iterdir())
        assert len(names) == count
        for name in names:
            image = cv2.imread(str(root / 'Images' / split / name))
            mask = cv2.imread(str(root / 'Labels' / split / name), -1)
            assert mask.shape == image.shape[:2] and set(np.unique(mask)) <= {0, 255}
            sizes.add(image.shape[1::-1])
    assert sizes <= set(SIZES)
    assert [p.name for p in (root / 'unlabeled_images').iterdir()] == ['p301_01.png']


def test_no_patient_is_in_two_splits_and_each_has_one_endoscope(root):
    patients = [
        {path.name.split('_')[0] for path in folder.iterdir()}
        for folder in [
            *(root / 'Images' / s for s in SPLITS),
            root / 'unlabeled_images',
        ]
    ]
    assert patients == [{'p001', 'p002'}, {'p101'}, {'p201'}, {'p301'}]
    images = sorted((root / 'Images' / 'train').glob('p001_*.png'))
    assert len(images) == PER_PATIENT
    assert len({cv2.imread(str(path)).shape for path in images}) == 1


def test_a_longer_split_starts_with_the_shorter_one(root):
    for name, picture in pictures(0, 0, 2):
        saved = cv2.imread(str(root / 'Images' / 'train' / name))
        assert (saved[..., ::-1] == picture.image).all()


def test_label_lists_are_nested_and_differ_between_seeds(root, tmp_path):
    lists = {p.stem: load_label_list(p) for p in (root / 'label_lists').iterdir()}
    # ten images are too few for lists of 20 and 40
    assert set(lists) == {f'10images_seed{seed}' for seed in (0, 1, 2)}
    names = [path.name for path in (root / 'Images' / 'train').iterdir()]
    assert set(lists['10images_seed0'].ids) == set(map(name_id, names))


def test_equal_seeds_give_equal_bytes_and_other_seeds_do_not(root, tmp_path):
    again = generate(tmp_path / 'again', **SMALL)
    files = sorted(p.relative_to(root) for p in root.rglob('*') if p.is_file())
    assert len(files) == 2 * 13 + 1 + 3 + 2
    assert all((root / f).read_bytes() == (again / f).read_bytes() for f in files)
    (_, first), (_, other) = (next(pictures(seed, 0, 1)) for seed in (0, 1))
    assert first.image.shape != other.image.shape or (first.image != other.image).any()


def test_a_complete_set_is_reused_and_another_refused(root):
    assert generate(root, **SMALL) == root
    with pytest.raises(FileExistsError, match=r"toy polyps .*'seed': \(0, 7\)"):
        generate(root, **SMALL, seed=7)


@pytest.mark.parametrize('wrong', [dict(num_unlabelled=0), dict(seed=-1)])
def test_bad_parameters_are_named(tmp_path, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        generate(tmp_path / 'set', **{**SMALL, **wrong})
    assert not (tmp_path / 'set').exists()


def test_command_line(tmp_path, capsys):
    sizes = [f'--num-{s}=1' for s in (*SPLITS, 'unlabelled')]
    main(['--out', str(tmp_path / 'set'), *sizes])
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith('toy polyps')


def test_base_config_hides_the_masks_of_the_pool(root, tmp_path):
    init_default_scope('mmpose')
    path = tmp_path / 'config.py'
    path.write_text(f'_base_ = {str(CONFIG)!r}\n')
    # all ten images are on the list, so three of them are named by their number
    cfg = load_config(path, options={'data_root': str(root), 'labels': 3})
    labelled, unlabelled = (DATASETS.build(cfg[k]) for k in ('labelled', 'unlabelled'))
    assert (len(labelled), len(unlabelled)) == (3, 7)
    assert all('seg_map_path' in labelled.get_data_info(i) for i in range(3))
    assert not any('seg_map_path' in unlabelled.get_data_info(i) for i in range(7))
    sample = DATASETS.build(cfg.val_dataloader.dataset)[0]
    assert sample['inputs'].shape == (3, 96, 96)
    assert set(sample['data_samples'].gt_sem_seg.data.unique().tolist()) <= {0, 1}
    assert cfg.labels != 10 and load_config(path).labels.endswith('10images_seed0.json')
