"""A run with stages, written by hand: its files, without a training."""

import json

import pytest


@pytest.fixture
def make_stage(tmp_path):
    """Write the folder of a stage of the run in ``tmp_path / 'run'``."""

    def make(name, after=(), state='done', config='x = 1\n', **outputs):
        folder = tmp_path / 'run' / name
        folder.mkdir(parents=True, exist_ok=True)
        record = dict(stage=name, config='hash', run='r', state=state)
        record.update(after=dict.fromkeys(after, 'r'), outputs=outputs)
        (folder / 'stage.json').write_text(json.dumps(record))
        (folder / 'config.py').write_text(config)
        return folder

    return make


@pytest.fixture
def write_scalars():
    """Write scalars of a training that began at a time."""

    def write(folder, *records, time='20260101_000000'):
        path = folder / time / 'vis_data' / 'scalars.json'
        path.parent.mkdir(parents=True)
        path.write_text(''.join(json.dumps(each) + '\n' for each in records))

    return write
