"""A method runs on poses and on segmentation: one base file of the config differs."""

import ast
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import Hook

from ssltoolbox.apis.config import load_config
from ssltoolbox.apis.training_run import experiment_name
from ssltoolbox.engine.hooks.watchdog import gradient_norms, late_parameters
from ssltoolbox.engine.runner import Runner

CONFIGS = Path(__file__).parents[1] / 'configs' / 'ssl2dpose'
TASKS = {'pose': '', 'segmentation': '-seg'}
METRICS = {'pose': 'tool/F1', 'segmentation': 'seg/mIoU'}
STEPS = 3


def leaf(task, method):
    return CONFIGS / f'daunet_toyinstruments{TASKS[task]}_{method}.py'


class Watch(Hook):
    """Note the weights before and after, and losses and gradients of each step."""

    priority = 'LOWEST'

    def __init__(self):
        self.losses, self.gradients, self.unlabelled = [], [], []
        self.metrics = {}

    def before_train(self, runner):
        self.before = weights(runner.model)

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        runner.model.loss_probe = self.look
        self.parameters = late_parameters(runner.model.student)

    def look(self, losses):
        self.losses.append(
            {key: float(value.detach()) for key, value in losses.items()}
        )
        self.gradients.append(gradient_norms(losses, self.parameters))

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        labelled = runner.model.method.report['views']['strong'].labelled
        self.unlabelled.append(int((~labelled).sum()))

    def after_val_epoch(self, runner, metrics=None):
        self.metrics = metrics

    def after_train(self, runner):
        self.after = weights(runner.model)


def weights(model):
    return {key: value.clone() for key, value in model.state_dict().items()}


def distance(before, after, network):
    """Largest change of a weight of a network."""
    keys = [key for key in before if key.startswith(network)]
    assert keys
    return max(float((after[key] - before[key]).abs().max()) for key in keys)


@pytest.fixture
def run(instruments, tmp_path, monkeypatch):
    """Train a leaf for three iterations with the real runner, and validate."""
    # laying out the config's text takes longer than the training
    monkeypatch.setattr(Config, 'pretty_text', '')

    def run(task, method):
        options = dict(
            data_root=str(instruments),
            labels=0.5,
            epochs=1,
            epoch_length=STEPS,
            val_interval=1,
            batch_size=4,
            num_workers=0,
            log_level='ERROR',
        )
        cfg = load_config(leaf(task, method), options=options)
        cfg.work_dir = str(tmp_path)
        cfg.experiment_name = experiment_name(tmp_path / task / method)
        cfg.visualizer.vis_backends = []
        watch, runner = Watch(), Runner.from_cfg(cfg)
        runner.register_hook(watch)
        runner.train()
        return watch

    return run


@pytest.mark.parametrize('method', ['supervised', 'mean-teacher', 'vat'])
def test_the_configs_differ_by_one_base_file(method):
    bases, others = {}, {}
    for task in TASKS:
        _, assigned, *rest = ast.parse(leaf(task, method).read_text()).body
        assert assigned.targets[0].id == '_base_'
        bases[task] = ast.literal_eval(assigned.value)
        others[task] = [ast.dump(statement) for statement in rest]
    assert others['pose'] == others['segmentation']
    differing = [pair for pair in zip(*bases.values(), strict=True) if len({*pair}) > 1]
    folder = '../_base_/tasks/instrument_'
    assert differing == [(f'{folder}pose.py', f'{folder}segmentation.py')]


@pytest.mark.filterwarnings('ignore:Default ``avg_non_ignore``')
@pytest.mark.parametrize('task', TASKS)
@pytest.mark.parametrize(
    'method, term', [('mean-teacher', 'loss_consistency'), ('vat', 'loss_vat')]
)
def test_the_method_learns_from_unlabelled_images(run, task, method, term):
    watch = run(task, method)
    assert len(watch.losses) == STEPS and watch.unlabelled == [2] * STEPS
    for losses, gradients in zip(watch.losses, watch.gradients, strict=True):
        assert losses.keys() == gradients.keys() == {'loss_sup', term}
        assert all(torch.tensor(list(losses.values())).isfinite())
        assert all(norm > 0 for norm in gradients.values())
    assert distance(watch.before, watch.after, 'student') > 1e-4
    assert f'student/{METRICS[task]}' in watch.metrics
    if method == 'mean-teacher':
        moved = distance(watch.before, watch.after, 'teacher.model')
        assert 0 < moved < distance(watch.before, watch.after, 'student')
        assert f'teacher/{METRICS[task]}' in watch.metrics
