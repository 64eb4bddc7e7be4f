import math
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from ssltoolbox.engine.hooks.pseudo_label_quality import measure
from ssltoolbox.registry import MODELS, TASK_UTILS
from ssltoolbox.semi.progress import Progress
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.seg import SegTask
from ssltoolbox.testing import check_method

from .seg_settings import segmentor, weak_strong_batch

pytestmark = pytest.mark.filterwarnings('ignore:Default ``avg_non', 'ignore:When align')
PIXELS = ('value', 'weight', 'score')


def model_of(teacher=None, **fields):
    torch.manual_seed(0)
    model = MODELS.build(
        dict(
            type='ssltoolbox.SemiSupervisedModel',
            student=segmentor(),
            teacher=teacher,
            task=dict(type='ssltoolbox.SegTask'),
            method=dict(type='ssltoolbox.WeakToStrong', **{'threshold': 0, **fields}),
        )
    )
    model.progress = Progress()
    return model.train()


def views_of(model, **counts):
    data = model.data_preprocessor(weak_strong_batch(**counts), training=True)
    pairs = zip(data['inputs'].items(), data['data_samples'].values(), strict=True)
    return {name: model.task.batch(x, samples) for (name, x), samples in pairs}


def method_with(task=None, **fields):
    made = TASK_UTILS.build(dict(type='ssltoolbox.WeakToStrong', **fields))
    made.task = task or SegTask(
        SimpleNamespace(
            align_corners=False, decode_head=SimpleNamespace(out_channels=2)
        )
    )
    return made


def enlarged(logits):
    return F.interpolate(logits, (16, 16), mode='bilinear')


def test_sure_pixels_count_over_all_that_show_the_image():
    method = method_with(threshold=0.95)
    raw = torch.zeros(1, 2, 1, 4)  # log 2 at every pixel
    label = PseudoLabel(
        value=torch.zeros(1, 1, 4).long(),
        weight=torch.tensor([[[1.0, 1, 1, 0]]]),
        score=torch.tensor([[[0.95, 0.99, 0.949, 1]]]),
        view=None,
    )
    # two are sure, one is not, one is outside the image
    assert method.consistency(raw, label).item() == pytest.approx(math.log(2) * 2 / 3)
    assert method.kept(label).tolist() == [[[1, 1, 0, 0]]]
    nothing = label.reweighted(label.weight * 0)
    raw.requires_grad_()
    loss = method.consistency(raw, nothing)
    assert loss.item() == 0 and loss.requires_grad


def test_the_sum_of_the_losses_is_the_published_one():
    model = model_of(cutmix=None, dropout=0.0)
    views = views_of(model)
    losses = model.method.loss(views)
    student = model.student
    with torch.no_grad():
        both = torch.cat([views['sup'].inputs, views['weak'].inputs])
        # statistics of the head are those of all it sees
        levels = [torch.cat([f, f[2:]]) for f in student.extract_feat(both)]
        first = enlarged(student.decode_head.forward(levels))
        strong = torch.cat([views[k].inputs for k in ('strong', 'strong2')])
        second = enlarged(student(strong, None, mode='tensor'))
    label = first[2:4].argmax(1)
    masks = torch.stack([s.gt_sem_seg.data[0] for s in views['sup'].samples])
    assert losses['loss_sup'].item() == pytest.approx(
        F.cross_entropy(first[:2], masks).item(), rel=1e-4
    )
    dropped = F.cross_entropy(first[4:], label).item()
    assert losses['loss_dropped'].item() == pytest.approx(dropped / 2, rel=1e-4)
    strong = F.cross_entropy(second, label.repeat(2, 1, 1)).item()
    assert losses['loss_strong'].item() == pytest.approx(strong / 2, rel=1e-4)


def test_no_gradient_goes_through_the_weak_view():
    model = model_of(cutmix=None)
    views = views_of(model)
    for batch in views.values():
        batch.inputs.requires_grad_()
    losses = model.method.loss(views)

    def reaches(key):
        leaves = [batch.inputs for batch in views.values()]
        found = torch.autograd.grad(
            losses[key], leaves, allow_unused=True, retain_graph=True
        )
        return {n for n, g in zip(views, found, strict=True) if g is not None}

    assert reaches('loss_strong') == {'strong', 'strong2'}
    # through its features alone, next to which the labelled ones are normalised
    assert reaches('loss_dropped') == {'sup', 'weak'}
    assert all(
        not getattr(model.method.report['label'], n).requires_grad for n in PIXELS
    )


def test_with_a_teacher_it_has_the_properties_of_a_method():
    ema = dict(type='ssltoolbox.EMATeacher')
    check_method(dict(type='ssltoolbox.WeakToStrong'), teacher=ema)


def test_the_teacher_labels_where_there_is_one():
    model = model_of(teacher=dict(type='ssltoolbox.EMATeacher'))
    head = model.teacher.model.decode_head.conv_seg
    nn.init.zeros_(head.weight)
    head.bias.data = torch.tensor([0.0, 0, 9])
    model.method.loss(views_of(model))
    assert (model.method.report['label'].value == 2).all()


def test_labels_in_eval_mode_leave_the_student_as_it_is():
    model = model_of(label_mode='eval')
    model.student.backbone.eval()
    views = views_of(model)
    with torch.no_grad():
        model.student.eval()
        expected = model.task.decode(
            model.task.forward(model.student, views['weak']), views['weak']
        )
        model.student.train().backbone.eval()
    found = model.method.label(views['weak'], torch.zeros(()))
    assert torch.equal(found.value, expected.value)
    assert model.student.decode_head.training and not model.student.backbone.training


def test_images_labels_and_probabilities_are_mixed_alike():
    model = model_of(cutmix=dict(type='ssltoolbox.CutMix', prob=1.0))
    views = views_of(model)
    batch = views['strong']
    numbers = torch.arange(2.0).view(2, 1, 1).expand(2, 16, 16)
    batch.inputs.copy_(numbers[:, None].expand(-1, 3, -1, -1))
    label = PseudoLabel(numbers.long(), numbers, numbers, batch.view)
    mixed, moved = model.method.mix(batch, label)
    assert {*mixed.inputs.unique().tolist()} == {0, 1}
    assert not torch.equal(mixed.inputs, batch.inputs)
    for name in PIXELS:
        assert torch.equal(getattr(moved, name).float(), mixed.inputs[:, 0])


def test_views_of_one_geometry_need_no_resampling(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError('resampled')

    monkeypatch.setattr('ssltoolbox.tasks.seg.project_maps', refuse)
    model = model_of()
    model.method.loss(views_of(model))


def test_hooks_are_told_of_unlabelled_images_and_their_hidden_masks():
    model = model_of()
    views = views_of(model, labelled=1, unlabelled=3)
    model.method.loss(views)
    found = measure(model.task, model.method.report)
    truth = model.task.truth(views['strong'])
    assert truth.weight.all() and found['kept_share'].item() == 1
    right = (model.method.report['label'].value == truth.value).float().mean()
    assert found['kept_accuracy'].item() == pytest.approx(right.item())
    assert set(model.method.report['views']) == {'weak', 'strong', 'strong2'}


def test_bad_fields_are_refused():
    for fields, words in (
        (dict(threshold=2), 'threshold is in 0..1'),
        (dict(dropout=1), 'dropout 0 or more and below 1'),
        (dict(label_mode='test'), "one of train, eval, got 'test'"),
    ):
        with pytest.raises(ValueError, match=words):
            method_with(**fields)
    with pytest.raises(ValueError, match='Linear has none: use mmseg.EncoderDecoder'):
        method_with().bind(nn.Linear(1, 1), None, method_with().task)
