"""Pseudo labels of a run are corrected, and the run goes on with them."""

import json
from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config

from ssltoolbox.apis.train import train
from ssltoolbox.registry import DATASETS
from ssltoolbox.semi.store import LabelStore


@pytest.fixture(scope='module')
def run(toy_config, tiny, tmp_path_factory):
    """Folder of a run whose pseudo labels are made, and the outputs of its stages."""
    folder = tmp_path_factory.mktemp('run')
    for stage in ('supervised', 'pseudo_label'):
        made = train(toy_config, work_dir=folder, options=tiny, stage=stage)
    return folder, made['pseudo_label']['store']


def test_a_run_goes_on_with_corrected_labels(
    run, toy_config, tiny, tool, tmp_path, capsys
):
    folder, store = run
    exchange = tool('exchange').main
    exchange(['export', store, '--out', str(tmp_path / 'out'), '--copy-images'])
    path = tmp_path / 'out' / 'labels.json'
    coco = json.loads(path.read_text())
    assert f'labels of {len(coco["images"])} images are in' in capsys.readouterr().out
    for image in coco['images']:
        assert (tmp_path / 'out' / 'images' / image['file_name']).is_file()
    assert len(coco['categories'][0]['keypoints']) == 17
    for annotation in coco['annotations']:
        annotation['keypoints'] = [20, 30, 2] * 16 + [0, 0, 0]
    path.write_text(json.dumps(coco))
    new = str(tmp_path / 'corrected')
    exchange(
        ['import', str(path.parent), '--store', store, '--out', new, '--by', 'Ada']
    )
    count = len(LabelStore.read(store).ids)
    said = capsys.readouterr().out
    assert f'{count} labels: 0 by a network, {count} corrected' in said
    assert 'best' in said and 'by Ada' in said

    options = tiny | {
        'unlabelled.pseudo_labels': new,
        'unlabelled.corrected_repeat': 2,
    }
    made = train(toy_config, work_dir=folder, options=options, stage='semi')
    assert Path(made['semi']['last']).is_file()
    config = Config.fromfile(folder / 'semi' / 'config.py')
    source = config.train_dataloader.dataset.sources.unlabelled
    data = DATASETS.build({**source, 'pipeline': []})
    assert len(data) == 2 * len(np.unique(data.ids))
    record = data.get_data_info(0)
    assert record['labelled'] and record['keypoints'][0, 0].tolist() == [20, 30]
    assert record['keypoints_visible'][0].tolist() == [1] * 16 + [0]


def test_errors_are_one_sentence(run, tool, tmp_path):
    exchange = tool('exchange').main
    with pytest.raises(SystemExit, match='error: description of a store .* not exist'):
        exchange(['show', str(tmp_path)])
    LabelStore.write(tmp_path / 'store', [10**9], [[[1, 2]]], [[1]])
    with pytest.raises(SystemExit, match=r'give the config of the run \(--config\)'):
        exchange(['export', str(tmp_path / 'store'), '--out', str(tmp_path / 'out')])
    config = str(run[0] / 'pseudo_label' / 'config.py')
    arguments = ['--out', str(tmp_path / 'out'), '--config', config]
    with pytest.raises(SystemExit, match='1 labels of 1 keypoints, 1 of them of insta'):
        exchange(['export', str(tmp_path / 'store'), *arguments])
    assert not (tmp_path / 'out').exists()
