"""Exported depth networks predict what the run's network does."""

import numpy as np
import torch
from mmengine import Config

from ssltoolbox.apis import DepthInferencer
from ssltoolbox.apis.exporting.export import export_model

from ...depth_network import CONFIG, write_depth_network


def test_an_exported_network_predicts_the_same(tmp_path):
    _, plain = write_depth_network(tmp_path, factor=2.0)
    weights = torch.load(plain, weights_only=True)['state_dict']
    both = {f'student.{key}': value for key, value in weights.items()}
    both |= {f'teacher.model.{key}': 0 * value for key, value in weights.items()}
    text = CONFIG.replace('model = dict(', 'network = dict(') + (
        "model = dict(type='ssltoolbox.SemiSupervisedModel', student=network,\n"
        "    teacher=dict(type='ssltoolbox.FrozenTeacher', network=network))\n"
    )
    (tmp_path / 'run.py').write_text(text)
    run = Config.fromfile(tmp_path / 'run.py')
    checkpoint = tmp_path / 'last.pth'
    meta = dict(cfg=run.pretty_text, epoch=3)
    torch.save(dict(state_dict=both, meta=meta), checkpoint)
    exported = export_model(checkpoint, tmp_path / 'out')
    assert exported.which == 'student'
    assert exported.checkpoint.name == 'last_student.pth'
    head = exported.config.read_text().splitlines()[0]
    assert head == '# The student of last.pth, for mmengine with ssltoolbox.'
    content = torch.load(exported.checkpoint, weights_only=True)
    assert sorted(content['state_dict']) == sorted(weights)
    config = Config.fromfile(exported.config)
    assert config.model.type == 'ssltoolbox.DepthEstimator'
    assert 'teacher' not in config.model
    picture = np.random.default_rng(0).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    pairs = ((exported.config, exported.checkpoint), (tmp_path / 'run.py', checkpoint))
    ours, theirs = (next(iter(DepthInferencer(*pair)([picture]))) for pair in pairs)
    np.testing.assert_array_equal(ours.depth, theirs.depth)
    assert ours.depth.max() > 0.5
