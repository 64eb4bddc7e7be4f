"""Every example of a component from outside the package works as its page says."""

import copy
import csv
import json
import math
from pathlib import Path

import pytest
import torch
from mmengine.optim import OptimWrapper
from mmengine.registry import init_default_scope
from torch.utils.data import DataLoader

from ssltoolbox.apis.checking.checker import (
    component_problems,
    unread_changes,
    unread_keys,
)
from ssltoolbox.apis.config import load_config, read_config, stage_config, stage_names
from ssltoolbox.datasets.transforms.branches import branch_collate
from ssltoolbox.geometry.view import View
from ssltoolbox.registry import DATA_SAMPLERS, DATASETS, MODELS, TASK_UTILS
from ssltoolbox.semi.progress import Progress
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.testing.toy_animals.generate import generate as draw_animals
from ssltoolbox.testing.toy_polyps.generate import generate as draw_polyps

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / 'docs' / 'examples'
CONFIGS = sorted(file.name for file in EXAMPLES.glob('*config.py'))
POLYPS = ('my_method_config.py', 'my_task_config.py', 'my_view_config.py')


@pytest.fixture(scope='module')
def animals(tmp_path_factory):
    folder = tmp_path_factory.mktemp('data') / 'animals'
    draw_animals(folder, 30, 6, 6, species=['zebra'], progress=False)
    write_table(folder)
    return folder


@pytest.fixture(scope='module')
def polyps(tmp_path_factory):
    folder = tmp_path_factory.mktemp('data') / 'polyps'
    return draw_polyps(folder, 24, 4, 4, 4, progress=False)


def write_table(folder: Path) -> None:
    """Write the labels of the training animals as the example's table."""
    coco = json.loads((folder / 'annotations/ap10k-train-split1.json').read_text())
    files = {image['id']: image['file_name'] for image in coco['images']}
    names = coco['categories'][0]['keypoints']
    with (folder / 'annotations/train.csv').open('w', newline='') as file:
        table = csv.writer(file)
        joints = [f'{name}_{axis}' for name in layout_names(names) for axis in 'xy']
        table.writerow(['image', 'left', 'top', 'right', 'bottom', *joints])
        for animal in coco['annotations']:
            x, y, width, height = animal['bbox']
            points = torch.tensor(animal['keypoints']).view(-1, 3)
            cells = [c for px, py, v in points.tolist() for c in cells_of(px, py, v)]
            box = [x, y, x + width, y + height]
            table.writerow([files[animal['image_id']], *box, *cells])


def layout_names(names: list[str]) -> list[str]:
    """Names of the joints in mmpose's layout of AP-10K, in the order of the file."""
    data = DATASETS.get('ssltoolbox.APTenKDataset')
    given = data._load_metainfo()['keypoint_id2name']
    assert len(given) == len(names)
    return [given[number] for number in range(len(given))]


def cells_of(x: float, y: float, visible: float) -> tuple:
    return (x, y) if visible else ('', '')


@pytest.fixture
def load(monkeypatch, request):
    """Read the stage of an example in which unlabelled images are learnt from."""
    monkeypatch.syspath_prepend(EXAMPLES)
    monkeypatch.chdir(ROOT)

    def read(name: str):
        polyps = name in POLYPS
        data = request.getfixturevalue('polyps' if polyps else 'animals')
        options = {'data_root': str(data), 'num_workers': 0}
        options['batch_size' if polyps else 'semi_batch_size'] = 4
        if polyps:
            options['labels'] = 8
        cfg = load_config(EXAMPLES / name, stage='semi', options=options)
        init_default_scope(cfg.default_scope)
        return cfg

    return read


def two_steps(cfg):
    """Train two steps; return model, first weights, and losses of the second step."""
    torch.manual_seed(0)
    model = MODELS.build({**cfg.model, 'log_interval': 1})
    model.init_weights()
    start = copy.deepcopy(model.student.state_dict())
    model.train()
    optim = OptimWrapper(torch.optim.Adam(model.student.parameters(), lr=1e-3))
    for step, batch in enumerate(first_batches(cfg.train_dataloader, 2)):
        model.progress = Progress(iter=50 + step, max_iters=100)
        losses = model.train_step(batch, optim)
    return model, start, losses


def first_batches(config, count: int) -> DataLoader:
    dataset = DATASETS.build(config.dataset)
    sampler = DATA_SAMPLERS.build(
        {**config.sampler, 'epoch_length': count, 'seed': 0},
        default_args=dict(dataset=dataset),
    )
    return DataLoader(
        dataset, config.batch_size, sampler=sampler, collate_fn=branch_collate
    )


@pytest.mark.parametrize('name', CONFIGS)
def test_every_key_of_the_config_is_read(name, load):
    load(name)
    cfg = read_config(EXAMPLES / name)
    assert not unread_keys(cfg, EXAMPLES / name) + unread_changes(cfg)
    for stage in stage_names(cfg):
        outputs = {other: {} for other in stage_names(cfg)}
        assert not component_problems(stage_config(cfg, stage, outputs))


@pytest.mark.parametrize('name', CONFIGS)
def test_two_steps_through_custom_imports_move_the_student(name, load):
    cfg = load(name)
    if 'pseudo_labels' in cfg.train_dataloader.dataset.sources.get('unlabelled', {}):
        # the store of an earlier stage, which two steps do without
        del cfg.train_dataloader.dataset.sources.unlabelled['pseudo_labels']
    model, start, losses = two_steps(cfg)
    after = model.student.state_dict()
    assert any(not after[key].equal(start[key]) for key in start)
    assert math.isfinite(losses['loss'])


def test_what_the_config_does_not_say_is_inherited(load):
    agreement = MODELS.build(load('my_config.py').model).method.agreement
    assert type(agreement).__name__ == 'InsideAgreementFilter'
    assert agreement.max_dist == 1.2


@pytest.mark.parametrize('x, kept', [(1.0, False), (50.0, True), (99.0, False)])
def test_agreement_at_the_border_does_not_count(load, x, kept):
    load('my_config.py')
    view = View(torch.eye(3, dtype=torch.double)[None], (101, 101))
    one = torch.ones(1, 1)
    label = PseudoLabel(torch.tensor([[[x, 50.0]]]), one, one, view)
    keep = TASK_UTILS.build(
        dict(type='ssltoolbox.InsideAgreementFilter', border=0.02, mode='centered')
    )
    assert keep(label, label).item() is kept


@pytest.mark.parametrize('min_score, silent', [(0.0, False), (1.0, True)])
def test_a_teacher_that_must_be_certain_is_silent(load, min_score, silent):
    cfg = load('my_method_config.py')
    cfg.model.method.min_score = min_score
    _, _, losses = two_steps(cfg)
    assert (float(losses['loss_consistency']) == 0) is silent


def test_backbone_has_a_sixteenth_of_the_resolution(load):
    load('my_network_config.py')
    network = MODELS.build(dict(type='ssltoolbox.FourConvolutions', channels=2))
    (features,) = network(torch.zeros(1, 3, 64, 96))
    assert features.shape == (1, 16, 4, 6)


def test_table_gives_the_records_of_the_original_file(load):
    sources = load('my_dataset_config.py').train_dataloader.dataset.sources
    table = DATASETS.build(sources.labelled.dataset)
    original = dict(type='ssltoolbox.APTenKDataset', subset='train')
    original['data_root'] = sources.labelled.dataset.data_root
    original = DATASETS.build(original)
    assert len(table) == len(original)
    for one, other in zip(table, original, strict=True):
        assert one['img_path'] == other['img_path']
        seen = other['keypoints_visible'] > 0
        assert (one['keypoints_visible'] > 0).tolist() == seen.tolist()
        assert one['keypoints'][seen] == pytest.approx(other['keypoints'][seen])


def test_table_names_the_column_that_it_lacks(load, tmp_path):
    data = load('my_dataset_config.py').train_dataloader.dataset.sources.labelled
    (tmp_path / 'short.csv').write_text('image,left,top\n000001.jpg,0,0\n')
    wrong = {**data.dataset, 'data_root': '', 'ann_file': str(tmp_path / 'short.csv')}
    with pytest.raises(ValueError, match="no column 'right'"):
        DATASETS.build(wrong)


def test_one_map_has_the_probabilities_of_its_sigmoid(load):
    cfg = load('my_task_config.py')
    model = MODELS.build(cfg.model)
    batch = next(iter(first_batches(cfg.train_dataloader, 1)))
    views = model.data_preprocessor(batch, False)
    inputs, samples = views['inputs']['strong'], views['data_samples']['strong']
    task = model.task
    seen = task.batch(inputs, samples)
    with torch.no_grad():
        raw = task.forward(model.student, seen)
        logit = model.student(inputs, samples, mode='tensor')
    torch.testing.assert_close(task.soft(raw, seen).value[:, 1:], logit.sigmoid())


def test_task_of_one_map_refuses_two(load):
    cfg = load('my_task_config.py')
    cfg.model.student.decode_head.out_channels = 2
    cfg.model.student.decode_head.loss_decode.use_sigmoid = False
    with pytest.raises(TypeError, match='out_channels=1, got 2'):
        MODELS.build(cfg.model)
