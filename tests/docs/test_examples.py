"""The example of a component from outside the package works as its page says."""

import copy
from pathlib import Path

import pytest
import torch
from mmengine.optim import OptimWrapper
from mmengine.registry import init_default_scope
from torch.utils.data import DataLoader

from ssltoolbox.apis.config import load_config
from ssltoolbox.datasets.transforms.branches import branch_collate
from ssltoolbox.geometry.view import View
from ssltoolbox.registry import DATA_SAMPLERS, DATASETS, MODELS
from ssltoolbox.semi.progress import Progress
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.testing.toy_animals.generate import generate

EXAMPLES = Path(__file__).parents[2] / 'docs' / 'examples'


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    data = generate(tmp_path / 'toy', 30, 6, 6, species=['zebra'], progress=False)
    options = {'data_root': str(data), 'semi_batch_size': 4}
    return load_config(EXAMPLES / 'my_config.py', stage='semi', options=options)


def test_own_filter_trains_two_steps_through_custom_imports(config):
    init_default_scope('mmpose')
    model = MODELS.build(config.model)
    model.init_weights()
    loader = first_batches(config.train_dataloader, 2)
    optim = OptimWrapper(torch.optim.Adam(model.student.parameters(), lr=1e-3))
    before = copy.deepcopy(model.student.state_dict())
    model.train()
    for step, batch in enumerate(loader):
        model.progress = Progress(iter=step, max_iters=2)
        model.train_step(batch, optim)
    assert type(model.method.agreement).__name__ == 'InsideAgreementFilter'
    assert model.method.agreement.max_dist == 1.2, 'inherited from the base config'
    after = model.student.state_dict()
    assert any(not after[key].equal(before[key]) for key in before)


def first_batches(config, count: int) -> DataLoader:
    dataset = DATASETS.build(config.dataset)
    sampler = DATA_SAMPLERS.build(
        {**config.sampler, 'epoch_length': count, 'seed': 0},
        default_args=dict(dataset=dataset),
    )
    return DataLoader(
        dataset, config.batch_size, sampler=sampler, collate_fn=branch_collate
    )


@pytest.mark.parametrize('x, kept', [(1.0, False), (50.0, True), (99.0, False)])
def test_agreement_at_the_border_does_not_count(config, x, kept):
    from my_filter import InsideAgreementFilter

    view = View(torch.eye(3, dtype=torch.double)[None], (101, 101))
    one = torch.ones(1, 1)
    label = PseudoLabel(torch.tensor([[[x, 50.0]]]), one, one, view)
    keep = InsideAgreementFilter(border=0.02, mode='centered')
    assert keep(label, label).item() is kept
