"""The mouse as PoseDual sees it: never mirrored, and two folders without labels."""

import json
from pathlib import Path

import numpy as np
import pytest
from mmengine.registry import init_default_scope
from PIL import Image

from ssltoolbox.apis.config import read_config, resolve
from ssltoolbox.datasets.multi_source import MultiSourceDataset
from ssltoolbox.datasets.sampler import Draw

CONFIG = Path(__file__).parents[2] / 'configs/_base_/datasets/mirror_mouse_views.py'


@pytest.fixture
def data(tmp_path):
    """Three frames, the second of them labelled, and two of a video."""
    names = ['frame1.png', 'frame2.png', 'frame3.png']
    content = dict(
        images=[
            dict(id=i, file_name=name, width=40, height=30)
            for i, name in enumerate(names, 1)
        ],
        annotations=[
            dict(
                id=10 + i,
                image_id=i,
                category_id=1,
                bbox=[0, 0, 40, 30],
                area=1200,
                keypoints=[10, 20, 2] * 17,
            )
            for i in range(1, 4)
        ],
        categories=[dict(id=1, name='mouse')],
    )
    for name in [*names, 'frames/a.png', 'frames/b.png']:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new('RGB', (40, 30), (90, 120, 60)).save(tmp_path / name)
    (tmp_path / 'annotations').mkdir()
    (tmp_path / 'annotations' / 'mouse_train.json').write_text(json.dumps(content))
    (tmp_path / 'labels.json').write_text('[2]')
    init_default_scope('mmpose')
    cfg = read_config(CONFIG)
    cfg.merge_from_dict(
        dict(
            data_root=str(tmp_path),
            labels=str(tmp_path / 'labels.json'),
            layout=dict(from_file='configs/_base_/datasets/coco.py'),
            codec=dict(input_size=(32, 32)),
        )
    )
    keep = ('labelled', 'unlabelled')
    cfg = resolve(cfg, outputs=dict(pseudo_label={}), keep=keep)
    return MultiSourceDataset({name: cfg[name] for name in keep})


def test_other_frames_and_the_video_are_one_unlabelled_source(data):
    assert data.source_names == ['labelled', 'unlabelled']
    assert data.source_sizes == [1, 4]
    assert data.ids[:3].tolist() == [12, 11, 13]
    samples = [data[i]['data_samples'] for i in range(1, 5)]
    assert all(set(sample) == {'easy'} for sample in samples)
    assert ['truth' in s['easy'].metainfo for s in samples] == [True] * 2 + [False] * 2
    assert not any(s['easy'].gt_instances.keypoints_visible.any() for s in samples)


def test_frames_are_never_mirrored_and_depend_on_the_draw_alone(data):
    for index, name in ((0, 'labelled'), (1, 'easy'), (4, 'easy')):
        views = [
            data[Draw(index, seed)]['data_samples'][name].metainfo['view']
            for seed in range(20)
        ]
        assert all(np.linalg.det(view) > 0 for view in views)
        assert len({view.tobytes() for view in views}) == 20
        again = data[Draw(index, 3)]['data_samples'][name].metainfo['view']
        assert np.array_equal(again, views[3])
