import json
import os
import runpy
from pathlib import Path

import numpy as np
import pytest

from ssltoolbox.semi.store import LabelStore

TOOL = (
    Path(__file__).parents[3]
    / 'tools'
    / 'dataset_converters'
    / 'scarcenet_pseudo_labels.py'
)


@pytest.fixture(scope='module')
def main():
    return runpy.run_path(str(TOOL))['main']


def annotation(id_, image_id, **change):
    base = dict(bbox=[0, 0, 20, 20], area=400, iscrowd=0, keypoints=[5, 5, 2, 6, 6, 1])
    return dict(id=id_, image_id=image_id, category_id=1) | base | change


@pytest.fixture
def files(tmp_path):
    """Records 0, 1, 2 are the annotations 30, 10, 40; the others cannot be used."""
    coco = dict(
        images=[dict(id=i, file_name=f'{i}.jpg', width=50, height=50) for i in (7, 3)],
        annotations=[
            annotation(10, 3),
            annotation(20, 7, iscrowd=1),
            annotation(30, 7),
            annotation(40, 3),
            annotation(50, 7, keypoints=[0] * 6),
            annotation(60, 7, area=0),
            annotation(70, 3, bbox=[90, 0, 20, 20]),
        ],
        categories=[dict(id=1, name='cow')],
    )
    path = tmp_path / 'train.json'
    path.write_text(json.dumps(coco))
    return path, tmp_path / 'labels.npy', tmp_path / 'store'


def run(main, files, value):
    np.save(files[1], value, allow_pickle=True)
    arguments = ['--annotations', str(files[0]), '--out', str(files[2])]
    main([str(files[1]), *arguments, '--num-keypoints', '2'])
    return LabelStore.read(files[2])


def labels(count):
    row = np.array([[1, 2, 0.25], [3, 4, 0.75]], np.float32)
    return {i: row + np.float32([i, 0, 0]) for i in range(count)}


def test_records_are_matched_with_annotations(main, files, capsys):
    store = run(main, files, labels(3))
    assert store.ids.tolist() == [10, 30, 40]
    # record 1 is annotation 10, record 0 is annotation 30
    assert store.keypoints[:, 0].tolist() == [[2, 2], [1, 2], [3, 2]]
    assert store.scores[0].tolist() == [0.25, 0.75]
    assert store.meta['source'] == 'labels.npy'
    assert store.meta['binary_scores'] is False
    assert '3 instances, mean score 0.500' in capsys.readouterr().out


def test_files_with_a_threshold_applied_are_marked(main, files, capsys):
    value = {i: np.array([[1, 2, 0], [3, 4, 1]], np.float32) for i in range(3)}
    assert run(main, files, value).meta['binary_scores'] is True
    assert 'scores are 0 or 1' in capsys.readouterr().out


@pytest.mark.parametrize('value', [labels(2), labels(4), {}])
def test_another_annotation_file_is_refused(main, files, value):
    with pytest.raises(SystemExit, match='has 3 usable instances'):
        run(main, files, value)
    assert not files[2].exists()


class Hostile:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_hostile_file_is_refused(main, files, tmp_path):
    target = tmp_path / 'made'
    with pytest.raises(SystemExit, match='nothing of it was executed'):
        run(main, files, {0: Hostile(str(target))})
    assert not target.exists() and not files[2].exists()
