"""One step of a pose method whose quality can be counted by hand."""

from types import SimpleNamespace

import pytest


@pytest.fixture
def step():
    """A model after a step on one unlabelled and one labelled image of 4 keypoints.

    The crops are 100 px wide, so a keypoint is right up to 10 px. Keypoints 0 and 1 are
    mirror partners, and the plain view is mirrored. In the unlabelled image

    ======== ===== ========== ================= ==========
    keypoint truth label      fate              teacher
    ======== ===== ========== ================= ==========
    0        10    10         kept              10
    1        20    70         kept              20
    2        30    35         dropped           50
    3        40    no label   re-labelled to 40 40
    ======== ===== ========== ================= ==========

    where 10 means (10, 50) px of the strong view.
    """
    import numpy as np
    import torch

    from ssltoolbox.semi.preprocessor import BranchDataPreprocessor
    from ssltoolbox.semi.pseudo_label import PseudoLabel
    from ssltoolbox.tasks.pose import PoseTask

    from mmpose.codecs import MSRAHeatmap  # isort: skip

    codec = MSRAHeatmap(input_size=(100, 100), heatmap_size=(25, 25), sigma=2)
    task = PoseTask(SimpleNamespace(head=SimpleNamespace(decoder=codec)))
    mirror = np.array([[-1, 0, 99], [0, 1, 0], [0, 0, 1.0]])

    def row(*xs):
        return [[x, 50.0] for x in xs]

    def batch(view):
        shared = dict(view=view, flip_indices=[1, 0, 2, 3])
        truth = np.array([[x, y, 1] for x, y in row(10, 20, 30, 40)], np.float32)
        samples = [
            SimpleNamespace(
                metainfo=dict(shared, labelled=False, truth=truth, img_id=7)
            ),
            SimpleNamespace(metainfo=dict(shared, labelled=True, img_id=8)),
        ]
        return task.batch(torch.zeros(2, 3, 100, 100), samples)

    views = {
        'strong': batch(np.eye(3)),
        'weak': batch(np.eye(3)),
        'plain': batch(mirror),
    }

    def labels(view, xs, weights=(1, 1, 1, 1)):
        value = torch.tensor([row(*xs), row(0, 0, 0, 0)])
        weight = torch.tensor([weights, (1, 1, 1, 1)]).float()
        return PseudoLabel(value, weight, weight, views[view].view)

    report = {
        'views': views,
        'label': labels('strong', (10, 70, 35, 0), (1, 1, 1, 0)),
        'kept': torch.tensor([[1, 1, 0, 0], [1, 0, 1, 1]], dtype=torch.bool),
        'relabel': labels('strong', (0, 0, 0, 40)),
        'relabelled': torch.tensor([[0, 0, 0, 1], [0, 0, 0, 0]], dtype=torch.bool),
        'teacher': labels('plain', (99 - 20, 99 - 10, 99 - 50, 99 - 40)),
        'rates': {'kept': 0.7},
    }
    base = dict(type='ImgDataPreprocessor', mean=[100, 110, 120], std=[10, 10, 10])
    preprocessor = BranchDataPreprocessor({**base, 'bgr_to_rgb': True})
    return SimpleNamespace(
        task=task,
        method=SimpleNamespace(report=report),
        data_preprocessor=preprocessor,
    )


@pytest.fixture
def dense_step():
    """Make a model after a step of a dense task: two unlabelled images, a labelled one.

    Maps have 3 channels (2 joints, 1 connection) of 8 x 8 cells, classes 8 x 8 pixels.
    """
    return _dense_step


def _dense_labels(name, pseudo):
    """Truth, label and teacher; ``pseudo(value, weight, view)`` makes one."""
    import torch

    if name == 'seg':
        half = (torch.arange(8) < 4).float()
        # true: class 1; said: class 1 above, 0 below; kept: the left half
        truth = pseudo(torch.ones(3, 8, 8).long(), torch.ones(3, 8, 8))
        said = (half.long().view(8, 1)).expand(3, 8, 8)
        label = pseudo(said, half.expand(3, 8, 8).clone())
        return truth, label, pseudo(truth.value, truth.weight, 'weak')
    dots = torch.zeros(3, 3, 8, 8)
    dots[0, 0, 2, 2], dots[0, 1, 5, 5], dots[1, 0, 3, 3] = 0.5, 1, 1
    found, taught = torch.zeros(2, 3, 3, 8, 8)
    found[0, 0, 2, 2], taught[1, 0, 3, 3] = 1, 1
    ones = torch.ones(3, 1, 8, 8)
    label = pseudo(found, ones).of_samples(torch.tensor([1.0, 0, 1]))
    return pseudo(dots, ones), label, pseudo(taught, ones, 'weak')


def _dense_task(name, truth):
    import numpy as np

    codec = SimpleNamespace(
        num_joints=2,
        connections=[(0, 1)],
        input_size=(8, 8),
        decode=lambda maps: (np.full((1, 2, 2), 2.0), np.array([[0.9, 0]])),
    )
    return SimpleNamespace(
        name=name,
        codec=codec,
        truth=lambda batch: truth,
        project=lambda label, batch: label,
    )


def _dense_step(name):
    import torch

    from ssltoolbox.geometry.view import View
    from ssltoolbox.semi.preprocessor import BranchDataPreprocessor
    from ssltoolbox.semi.pseudo_label import PseudoLabel
    from ssltoolbox.tasks.base import Batch

    labelled = torch.tensor([False, False, True])
    samples = [SimpleNamespace(metainfo=dict(img_id=i)) for i in range(3)]
    plain, images = torch.eye(3).double().expand(3, 3, 3), torch.zeros(3, 3, 8, 8)
    views = {
        key: Batch(images, samples, View(plain, (8, 8)), labelled)
        for key in ('weak', 'strong')
    }

    def pseudo(value, weight, view='strong'):
        return PseudoLabel(value, weight, weight, views[view].view)

    truth, label, teacher = _dense_labels(name, pseudo)
    kept = label.weight != 0
    report = dict(
        views=views,
        label=label,
        kept=kept,
        relabel=label,
        relabelled=torch.zeros_like(kept),
        teacher=teacher,
        rates={'kept': 1.0},
    )
    base = dict(type='ImgDataPreprocessor', mean=[100] * 3, std=[10] * 3)
    return SimpleNamespace(
        task=_dense_task(name, truth),
        truth=truth,
        method=SimpleNamespace(report=report),
        data_preprocessor=BranchDataPreprocessor(base),
    )


@pytest.fixture
def depth_step():
    """A model after a step on a wall, in which the network says the truth thrice."""
    from ssltoolbox.registry import MODELS
    from ssltoolbox.semi.progress import Progress
    from ssltoolbox.testing.tiny_depth import pair_batch, tiny_depth_network, wall

    model = MODELS.build(
        dict(
            type='ssltoolbox.SemiSupervisedModel',
            student=tiny_depth_network(),
            task=dict(type='ssltoolbox.DepthTask'),
            method=dict(type='ssltoolbox.SfmSupervision'),
        )
    )
    model.progress = Progress()
    said = iter([3 * depth.float() for depth in wall().depths])
    model.task.forward = lambda network, batch: next(said)
    data = model.data_preprocessor(pair_batch(), training=True)
    model(**data, mode='loss')
    return model
