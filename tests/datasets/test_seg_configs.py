"""Data sets of the segmentation configs: their parts, classes and sizes."""

from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.registry import init_default_scope

from ssltoolbox.apis.config import resolve
from ssltoolbox.apis.data_files import absent_roots
from ssltoolbox.datasets.seg.metainfo import check_metainfo
from ssltoolbox.registry import DATASETS

FOLDER = Path(__file__).parents[2] / 'configs' / '_base_' / 'datasets'
NAMES = ['kvasir_seg', 'covid_ct', 'busi', 'em_membrane', 'semiseg_layout']


def config(name, **fields):
    cfg = Config.fromfile(FOLDER / f'{name}.py')
    cfg.merge_from_dict(fields)
    init_default_scope('mmpose')
    return resolve(cfg)


@pytest.mark.parametrize('name', NAMES)
def test_classes_parts_and_sizes_fit_together(name):
    cfg = config(name)
    assert check_metainfo(cfg.classes) and cfg.num_classes == len(
        cfg.classes['classes']
    )
    # every published network takes multiples of 32
    assert all(side % 32 == 0 and side >= 128 for side in cfg.input_size)
    for part in (cfg.train_set, cfg.val_set, cfg.test_set):
        assert part.metainfo == cfg.classes and part.data_root == cfg.data_root
    assert cfg.labelled.dataset == cfg.train_set
    assert cfg.val_set.pipeline == cfg.test_set.pipeline == cfg.eval_pipeline
    assert [each.type for each in cfg.labelled.forbidden] == [cfg.val_set.type] * 2


def test_an_absent_folder_of_the_layout_says_how_to_draw_one():
    (said,) = absent_roots(config('semiseg_layout'))
    assert 'data/semiseg does not exist. The layout is codes.txt' in said


@pytest.mark.real_data
def test_slices_of_membranes_are_in_one_part_each(real_data):
    cfg = config('em_membrane', data_root=str(real_data / 'em_membrane'))
    built = [
        DATASETS.build({**p, 'pipeline': []})
        for p in (
            cfg.train_set,
            cfg.val_set,
            cfg.test_set,
        )
    ]
    numbers = [
        sorted(int(d.get_data_info(i)['frame']) for i in range(len(d))) for d in built
    ]
    assert numbers == [list(range(20)), list(range(20, 24)), list(range(24, 30))]
    labelled, pool = DATASETS.build(cfg.labelled), DATASETS.build(cfg.unlabelled)
    assert len(labelled) == 5 and len(pool) == 30
    assert 'unlabeled' in pool.get_data_info(0)['img_path']
    sample = built[2]
    sample.pipeline = type(sample.pipeline)(cfg.eval_pipeline)
    packed = sample[0]
    mask = packed['data_samples'].gt_sem_seg.data
    assert packed['inputs'].shape == (3, 192, 192) and mask.shape == (1, 512, 512)
    # membranes take a fifth of the area
    assert 0.1 < float((mask == 1).float().mean()) < 0.3
