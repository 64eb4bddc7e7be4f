"""SSL-2D-Pose: published numbers, and leaves that say what is their own alone."""

import ast
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from mmengine.registry import DATA_SAMPLERS, init_default_scope

from ssltoolbox.apis.config import load_config, read_config, stage_names
from ssltoolbox.registry import MODELS, TASK_UTILS
from ssltoolbox.semi.progress import Progress

FOLDER = Path(__file__).parents[1] / 'configs' / 'ssl2dpose'
LEAVES = sorted(FOLDER.glob('*.py'))
METHODS = ('mean-teacher', 'vat', 'vat-mean-teacher', 'pseudo-label')
DATA = ('endovis', 'rmit20', 'toyinstruments', 'toyinstruments-seg')
PUBLISHED = [
    path for path in LEAVES if path.stem.split('_')[1] in ('endovis', 'rmit', 'rmit20')
]
METHOD_FIELDS = ('model', 'train_dataloader', 'val_cfg', 'test_cfg', 'custom_hooks')
SIZES = {
    # of the images, of the input, threshold in px, parameters, dropout
    'endovis': ((720, 576), (320, 256), 20, 2_096_491, 0.3),
    'rmit': ((640, 480), (384, 288), 15, 2_096_166, 0.1),
}
TOY = {'init_student', 'stages'}  # methods go on from a supervised stage
OWN = {
    'mean-teacher': TOY,
    'vat': TOY | {'method'},
    'vat-mean-teacher': TOY | {'vat'},
    'pseudo-label': {'init_student', 'label_filter'},
}
"""What leaves of generated scenes say beside their base files."""
each = pytest.mark.parametrize
by_name = dict(ids=lambda path: path.stem)


def leaf(data, method):
    return FOLDER / f'daunet_{data}_{method}.py'


@cache
def stage(data, method, name=None):
    """A stage, by default the last one."""
    return load_config(leaf(data, method), name)


class Sizes:
    """A labelled and an unlabelled source."""

    source_names = ('labelled', 'unlabelled')

    def __init__(self, number):
        self.source_sizes = (940, 3539)[:number]

    def __len__(self):
        return sum(self.source_sizes)


def sampler(cfg):
    init_default_scope('mmpose')
    data = Sizes(len(cfg.train_dataloader.dataset.sources))
    return DATA_SAMPLERS.build(dict(cfg.train_dataloader.sampler, dataset=data, seed=0))


def iterations(cfg):
    return cfg.train_cfg.max_epochs * sampler(cfg).num_batches


def methods_on(data):
    return [m for m in METHODS if leaf(data, m).exists()]


@each('path', PUBLISHED, **by_name)
def test_schedule_and_batch_are_the_published_ones(path):
    cfg = load_config(path)
    assert iterations(cfg) == 50_000
    assert cfg.optim_wrapper.optimizer == dict(type='Adam', lr=1e-3)
    assert cfg.param_scheduler == []
    alone = path.stem.endswith('supervised')
    assert sampler(cfg).places == ([5] if alone else [4, 1])


@each('data', ['endovis', 'rmit20'])
@each('method', ['mean-teacher', 'vat-mean-teacher'])
def test_the_teacher_counts_after_20000_iterations(data, method):
    cfg = stage(data, method)
    parts = cfg.model.method.get('methods', [cfg.model.method])
    (ramp,) = [TASK_UTILS.build(p).consistency for p in parts if 'consistency' in p]
    weights = [ramp(Progress(iter=t)) for t in (0, 10_000, 20_000, 49_999)]
    # 0.1 exp(-5 (1 - t / 20000)^2)
    assert weights == pytest.approx([0.1 * np.exp(-5), 0.1 * np.exp(-1.25), 0.1, 0.1])
    init_default_scope('mmpose')
    teacher = MODELS.build(dict(cfg.model.teacher, network=cfg.model.student))
    decays = [teacher.current_decay()]
    teacher.update(teacher.model)
    assert [*decays, teacher.current_decay()] == [0.95, 0.95]
    # dropout is the difference of teacher and student
    assert teacher.train().model.training


@each('data', ['endovis', 'rmit20'])
def test_vat_perturbs_as_published(data):
    cfg, both = stage(data, 'vat'), stage(data, 'vat-mean-teacher')
    for config in (cfg.model.method, both.model.method.methods[1]):
        method = TASK_UTILS.build(config)
        assert (method.eps, method.iterations) == (0.1, 1)
    assert 'teacher' not in cfg.model


@each('path', PUBLISHED, **by_name)
def test_images_maps_and_network_have_the_published_sizes(path):
    data = path.stem.split('_')[1].removesuffix('20')
    native, size, threshold, parameters, dropout = SIZES[data]
    cfg = load_config(path)
    student = cfg.model.get('student', cfg.model)
    codec = student.head.decoder
    assert tuple(codec.input_size) == tuple(codec.heatmap_size) == size
    for whole, seen in zip(native, size, strict=True):
        assert codec.sigma * whole / seen == pytest.approx(20)
    metrics = cfg.test_evaluator
    metrics = metrics if isinstance(metrics, list) else [metrics]
    (tool,) = [m for m in metrics if m.type == 'ssltoolbox.ToolKeypointMetric']
    assert tool.thresholds[0] == threshold
    init_default_scope('mmpose')
    network = MODELS.build(student)
    assert sum(p.numel() for p in network.parameters()) == parameters
    assert student.backbone.dropout == dropout


@each('data', DATA)
def test_a_baseline_takes_as_many_iterations_as_its_methods(data):
    alone = stage(data, 'supervised')
    assert methods_on(data)
    for method in methods_on(data):
        cfg = stage(data, method, 'semi')
        assert iterations(cfg) == iterations(alone) > 0
        assert sum(sampler(cfg).places) == sum(sampler(alone).places)
        assert cfg.param_scheduler == alone.param_scheduler
        first = stage_names(read_config(leaf(data, method)))[0]
        if first == 'supervised':
            before, same = stage(data, method, first), stage(data, 'supervised', first)
            assert before.to_dict() == same.to_dict()


@each('data, method', [(data, m) for data in DATA for m in methods_on(data)])
def test_a_method_changes_model_and_training_data_alone(data, method):
    alone, cfg = stage(data, 'supervised'), stage(data, method, 'semi')
    changed = {k for k in {*alone, *cfg} if alone.get(k) != cfg.get(k)}
    best = {'select', 'default_hooks'}
    assert changed <= best | set(METHOD_FIELDS)
    assert cfg.model.student == alone.model
    loaders = alone.train_dataloader, cfg.train_dataloader
    labelled, same = (loader.dataset.sources.labelled for loader in loaders)
    assert labelled == same
    # only which checkpoint is the best one differs in the hooks
    hooks = [{**c.default_hooks, 'checkpoint': None} for c in (alone, cfg)]
    assert hooks[0] == hooks[1]


def test_the_last_checkpoint_counts_where_there_is_no_validation_video():
    for data in ('endovis', 'rmit20'):
        cfg = stage(data, 'supervised')
        assert cfg.default_hooks.checkpoint.save_best is None
        assert cfg.val_dataloader.dataset == cfg.test_dataloader.dataset
    toy = stage('toyinstruments', 'mean-teacher').default_hooks.checkpoint
    assert toy.save_best == ['teacher/tool/F1', 'student/tool/F1']


def parts(path):
    """Docstring, base files and assigned names of a leaf."""
    docstring, *assigned = ast.parse(path.read_text()).body
    values = {node.targets[0].id: node.value for node in assigned}
    bases = ast.literal_eval(values.pop('_base_'))
    return docstring.value.value, bases, set(values)


def is_complete(path):
    """Whether a leaf is made of base files, and not of another leaf."""
    return isinstance(parts(path)[1], list)


@each('path', LEAVES, **by_name)
def test_a_leaf_is_short(path):
    assert len(list(filter(None, path.read_text().splitlines()))) < 15
    assert parts(path)[0].endswith('.')


@each('path', [p for p in LEAVES if is_complete(p)], **by_name)
def test_a_leaf_names_its_data_and_its_method_and_nothing_else(path):
    _, data, method = path.stem.split('_')
    _, bases, names = parts(path)
    toy = data.startswith('toy')
    # nothing is chosen on the tests of data without validation videos
    own = {'rmit20': {'labels', 'best'}, 'endovis': {'best'}}.get(data, set())
    assert names <= (OWN.get(method, set()) if toy else own)
    *shared, semi = bases
    assert shared == parts(leaf(data, 'supervised'))[1][:-1]
    names = {'pseudo-label': 'pseudo_labelling', 'supervised': 'labels_alone'}
    if toy:  # their baseline goes on, too
        names['supervised'] = 'labels_continued'
    assert semi == f'../_base_/semi/{names.get(method, method.replace("-", "_"))}.py'


@pytest.mark.parametrize('data, exchanged', [('endovis', True), ('rmit', False)])
def test_mirrored_frames_exchange_sides_where_there_are_any(data, exchanged):
    cfg = load_config(FOLDER / f'daunet_{data}_supervised.py')
    steps = cfg.train_dataloader.dataset.pipeline + cfg.val_dataloader.dataset.pipeline
    views = [step for step in steps if step.type.endswith('View')]
    views = [view for view in views if 'input_size' in view]
    assert len(views) == 2
    assert all(view.get('exchange_sides', False) == exchanged for view in views)
