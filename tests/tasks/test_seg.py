import math

import numpy as np
import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.structures import PixelData

from ssltoolbox.compat import prepare_segmentation
from ssltoolbox.registry import MODELS
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.seg import SegTask

prepare_segmentation()

from mmseg.structures import SegDataSample  # noqa: E402

SIDE = 32
MIRROR = np.array([[-1.0, 0, SIDE - 1], [0, 1, 0], [0, 0, 1]])
RIGHT = np.array([[1.0, 0, 8], [0, 1, 0], [0, 0, 1]])


pytestmark = pytest.mark.filterwarnings('ignore:Default ``avg_non', 'ignore:When align')


def segmentor(align_corners=False, num_classes=3, **loss):
    """Build a ResNet-18 with eight channels whose logits are an eighth of the input."""
    torch.manual_seed(0)
    loss = dict(type='mmseg.CrossEntropyLoss', **loss)
    return MODELS.build(
        dict(
            type='mmseg.EncoderDecoder',
            data_preprocessor=dict(
                type='mmseg.SegDataPreProcessor', mean=[128.0] * 3, std=[64.0] * 3
            ),
            backbone=dict(
                type='mmseg.ResNet', depth=18, base_channels=8, stem_channels=8
            ),
            decode_head=dict(
                type='mmseg.FCNHead',
                in_channels=16,
                in_index=1,
                channels=8,
                num_convs=1,
                num_classes=num_classes,
                align_corners=align_corners,
                dropout_ratio=0,
                loss_decode=loss,
            ),
            test_cfg=ConfigDict(mode='whole'),
        )
    ).eval()


@pytest.fixture(scope='module')
def network():
    return segmentor()


@pytest.fixture(scope='module')
def task(network):
    return SegTask(network)


def sample(mask=None, view=None, labelled=True, maps=None):
    made = SegDataSample()
    if mask is not None:
        made.gt_sem_seg = PixelData(data=torch.as_tensor(mask)[None])
    if maps is not None:
        made.pseudo_maps = PixelData(data=torch.as_tensor(maps))
    size = (SIDE, SIDE)
    made.set_metainfo(dict(ori_shape=size, img_shape=size, labelled=labelled))
    made.set_metainfo(dict(view=np.eye(3) if view is None else view))
    return made


def masks(count=2, seed=0):
    """Classes 0, 1, 2 in blocks of four pixels, with a border of 255."""
    blocks = np.random.default_rng(seed).integers(0, 3, (count, 8, 8))
    classes = blocks.repeat(4, 1).repeat(4, 2)
    classes[:, :3] = classes[:, :, :3] = 255
    return classes


def batch_of(task, *samples, device='cpu'):
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(len(samples), 3, SIDE, SIDE, generator=generator)
    return task.batch(inputs.to(device), list(samples))


@pytest.mark.parametrize('align_corners', [False, True])
@pytest.mark.parametrize('class_weight', [None, [0.5, 1.0, 4.0]])
def test_the_loss_is_that_of_mmseg(align_corners, class_weight):
    network = segmentor(align_corners, class_weight=class_weight)
    task = SegTask(network, class_weight=class_weight)
    batch = batch_of(task, *map(sample, masks()))
    raw = task.forward(network, batch)
    assert raw.shape == (2, 3, 4, 4)
    label = task.label(batch)
    ours = task.loss(raw, *task.target(label))
    theirs = network.loss(batch.inputs, batch.samples)['decode.loss_ce']
    if class_weight:
        # mmseg divides by the weights of the classes that are there, not by pixels
        there = torch.tensor(class_weight)[label.value] * label.weight
        theirs = theirs * there.mean()
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-6)
    head = list(network.decode_head.parameters())
    gradients = [torch.autograd.grad(x, head) for x in (ours, theirs)]
    for mine, other in zip(*gradients, strict=True):
        assert torch.allclose(mine, other, atol=1e-6)


@pytest.mark.parametrize('align_corners', [False, True])
def test_decoded_classes_are_those_that_mmseg_predicts(align_corners):
    network = segmentor(align_corners)
    task = SegTask(network)
    batch = batch_of(task, sample(), sample())
    found = task.predict(network, batch)
    with torch.no_grad():
        predicted = network.predict(batch.inputs, batch.samples)
    for i, theirs in enumerate(predicted):
        assert torch.equal(found.value[i], theirs.pred_sem_seg.data[0])
        best = theirs.seg_logits.data.softmax(0).amax(0)
        assert torch.allclose(found.score[i], best)
    assert found.value.dtype == torch.long and (found.weight == 1).all()


def test_ignored_pixels_and_samples_without_a_mask_have_no_weight(task):
    mask = masks(1)[0]
    batch = batch_of(task, sample(mask), sample(labelled=False))
    label = task.label(batch)
    assert batch.labelled.tolist() == [True, False]
    assert torch.equal(label.weight[0], torch.tensor(mask != 255).float())
    assert label.value.max() < 3 and label.value[0, 3:, 3:].tolist() == (
        mask[3:, 3:].tolist()
    )
    assert not label.weight[1].any() and not task.truth(batch).weight.any()


def test_stored_probabilities_become_the_classes_that_were_decoded(task, network):
    batch = batch_of(task, sample())
    raw = task.forward(network, batch)
    maps = task.soft(raw, batch).value[0].clone()
    maps[..., 3] = 0  # the view left the image there
    label = task.label(batch_of(task, sample(maps=maps, labelled=False)))
    assert label.value.dtype == torch.long and label.value.shape == (1, SIDE, SIDE)
    inside = label.weight[0, 0].bool()
    assert inside.tolist() == [True] * 24 + [False] * 8
    # interpolated before or after softmax: the same class but at a few borders
    same = label.value == task.decode(raw, batch).value
    assert same[..., inside].float().mean() > 0.9


def test_a_mask_comes_before_stored_probabilities(task):
    mask, maps = masks(1)[0], torch.full((3, 4, 4), 1 / 3)
    label = task.label(batch_of(task, sample(mask, maps=maps)))
    assert torch.equal(label.value, task.label(batch_of(task, sample(mask))).value)


def test_a_mirrored_view_has_the_mirrored_classes(task):
    plain, mirrored = (
        batch_of(task, sample(mask, view))
        for mask, view in ((masks(1)[0], None), (masks(1)[0][:, ::-1].copy(), MIRROR))
    )
    moved, label = task.project(task.label(plain), mirrored), task.label(mirrored)
    assert torch.equal(moved.value, label.value)
    assert torch.equal(moved.weight, label.weight)
    back = task.project(moved, plain)
    assert torch.equal(back.value, task.label(plain).value)
    assert back.value.dtype == torch.long


def test_what_the_first_view_did_not_see_has_no_weight(task, network):
    first, second = (batch_of(task, sample(masks(1)[0], v)) for v in (None, RIGHT))
    label = task.label(first)
    moved = task.project(label, second)
    assert not moved.weight[..., :8].any()
    assert torch.equal(moved.weight[..., 8:], label.weight[..., :-8])
    assert torch.equal(moved.value[..., 8:], label.value[..., :-8])
    soft = task.soft(task.forward(network, first), first)
    carried = task.carry(soft, second)
    # eight pixels are one cell of the logits
    assert carried.weight[0, 0].tolist() == [[0, 1, 1, 1]] * 4
    assert torch.allclose(carried.value[..., 1:], soft.value[..., :-1], atol=1e-6)
    assert torch.equal(task.carry(soft, first).value, soft.value)


@pytest.mark.parametrize('align_corners', [False, True])
def test_probabilities_are_mirrored_cell_by_cell(align_corners):
    network = segmentor(align_corners)
    task = SegTask(network)
    plain, mirrored = (batch_of(task, sample(view=view)) for view in (None, MIRROR))
    soft = task.soft(task.forward(network, plain), plain)
    assert torch.allclose(soft.value.sum(1), torch.ones(1, 4, 4))
    assert torch.equal(soft.score, soft.value.amax(1))
    moved = task.carry(soft, mirrored)
    assert torch.allclose(moved.value, soft.value.flip(-1), atol=1e-6)
    assert (moved.weight == 1).all()


def test_distances_of_probabilities(network):
    raw = torch.tensor([0.0, 0, -99]).view(1, 3, 1, 1).expand(1, 3, 1, 2)
    value = torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1).expand(1, 3, 1, 2)
    weight = torch.tensor([[[[1.0, 0]]]])
    label = PseudoLabel(value, weight, weight, None)
    # (1/2, 1/2, 0) from (1, 0, 0), in one of two cells
    squared = SegTask(network).match(raw, label)
    assert squared.item() == pytest.approx((0.25 + 0.25) / 6)
    divergence = SegTask(network, match='kl').match(raw, label)
    assert divergence.item() == pytest.approx(math.log(2) / 2)


@pytest.mark.parametrize('match', ['mse', 'kl'])
def test_the_own_probabilities_are_at_distance_zero(network, match):
    task = SegTask(network, match=match)
    batch = batch_of(task, sample())
    raw = task.forward(network, batch)
    assert task.match(raw, task.soft(raw, batch)).item() == pytest.approx(0, abs=1e-7)


def test_no_weight_left_gives_a_zero_loss_with_zero_gradients(task, network):
    batch = batch_of(task, sample(labelled=False))
    raw = task.forward(network, batch)
    loss = task.loss(raw, *task.target(task.label(batch)))
    grads = torch.autograd.grad(loss, network.decode_head.parameters())
    assert loss.item() == 0 and not any(g.any() for g in grads)


def test_probabilities_are_float32_under_mixed_precision(task, network):
    batch = batch_of(task, sample(masks(1)[0]))
    with torch.autocast('cpu', torch.bfloat16):
        raw = task.forward(network, batch)
        found = [task.decode(raw, batch).score, task.soft(raw, batch).value]
        found.append(task.loss(raw, *task.target(task.label(batch))))
        found.append(task.match(raw, task.soft(raw, batch)))
    assert raw.dtype == torch.bfloat16
    assert {each.dtype for each in found} == {torch.float32}


def test_no_call_waits_for_the_device():
    network = segmentor()
    task = SegTask(network, class_weight=[1.0, 2.0, 3.0])
    strong, weak = (batch_of(task, sample(masks(1)[0]), device='meta') for _ in 'ab')
    raw = task.forward(network.to('meta'), strong)
    loss = task.loss(raw, *task.target(task.project(task.decode(raw, weak), strong)))
    loss = loss + task.loss(raw, *task.target(task.label(strong)))
    loss = loss + task.match(raw, task.carry(task.soft(raw, weak), strong))
    loss.backward()
    assert loss.is_meta and task.truth(strong).value.is_meta


def test_what_cannot_be_used_is_refused(task, network):
    with pytest.raises(TypeError, match='Linear gives no logits of two or more'):
        SegTask(torch.nn.Linear(1, 1))
    with pytest.raises(ValueError, match="'mse' or 'kl', got 'l1'"):
        SegTask(network, match='l1')
    with pytest.raises(ValueError, match='has 2 entries, .* 3 classes'):
        SegTask(network, class_weight=[1, 2])
    with pytest.raises(ValueError, match=r'shape \(1, 8, 8\), .* 32 x 32'):
        task.label(batch_of(task, sample(np.zeros((8, 8), int))))
    with pytest.raises(ValueError, match='have 2 classes, the network 3: .* again'):
        task.label(batch_of(task, sample(maps=torch.zeros(2, 4, 4))))

    class Pairs(torch.nn.Module):
        def forward(self, inputs, samples, mode):
            return inputs, inputs

    with pytest.raises(TypeError, match='Pairs gives a tuple'):
        task.forward(Pairs(), batch_of(task, sample()))
