"""Save pictures of what the method made of its pseudo labels."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from mmengine.dist import master_only
from mmengine.hooks import Hook
from mmengine.visualization import LocalVisBackend
from torch import Tensor, nn

from ssltoolbox.datasets.transforms.to_hsv import HSV
from ssltoolbox.engine.hooks.semi_supervision import unwrap
from ssltoolbox.evaluation.sample_facts import sample_facts
from ssltoolbox.registry import HOOKS
from ssltoolbox.semi.sample_log import FOLDER, SampleLog
from ssltoolbox.tasks.base import Batch
from ssltoolbox.visualization.pseudo_labels import pseudo_label_panel
from ssltoolbox.visualization.report import Columns, Shown
from ssltoolbox.visualization.report_dense import class_columns, map_columns
from ssltoolbox.visualization.report_depth import depth_columns
from ssltoolbox.visualization.report_keypoints import keypoint_columns

COLUMNS: dict[str, Callable[..., Columns]] = {
    'pose': keypoint_columns,
    'bottomup_pose': map_columns,
    'seg': class_columns,
    'depth': depth_columns,
}
"""How the labels of a task are drawn."""
RECORDED = 16
"""Samples of one picture that are kept for the report, at most."""


@HOOKS.register_module()
class PseudoLabelPictureHook(Hook):
    """Draw samples of a batch as weak | strong | teacher | kept labels.

    Keypoints, maps of joints and connections with the instances found in them, classes
    of pixels, or depth with its points, as the task has it. Unlabelled samples come
    first. Pictures lie in ``pseudo_labels/`` of the run's log folder, and go to the
    other visualizer backends such as TensorBoard. The row's title counts the labels
    and, where the truth is known, says how many are right.

    Of the same iterations single unlabelled samples, with numbers, are kept in
    ``label_samples/`` of the work dir, from which ``tools/report.py`` makes a gallery.

    Args:
        interval: Iterations between two pictures (>= 1); the first iteration is
            always drawn.
        max_samples: Rows of a picture (>= 1).
        max_recorded: Samples of the whole run that are kept for the report, spread
            over its length; 0 keeps none.
    """

    def __init__(
        self, interval: int = 500, max_samples: int = 4, max_recorded: int = 256
    ) -> None:
        if interval < 1 or max_samples < 1 or max_recorded < 0:
            raise ValueError(
                'interval and max_samples must be at least 1, max_recorded at least 0, '
                f'got {interval}, {max_samples} and {max_recorded}'
            )
        self.interval, self.max_samples = interval, max_samples
        self.max_recorded = max_recorded

    @master_only
    def after_train_iter(
        self, runner, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Draw the first and every ``interval``-th iteration."""
        if runner.iter and not self.every_n_train_iters(runner, self.interval):
            return
        step, model = runner.iter + 1, unwrap(runner.model)
        path = Path(runner.log_dir, 'pseudo_labels', f'iter_{step:06d}.png')
        recorded = min(RECORDED, self.max_recorded)
        rows = unlabelled_first(model, max(self.max_samples, recorded))
        meta = runner.visualizer.dataset_meta or {}
        columns, titles, legend = draw_report(model, rows, meta)
        count = self.max_samples
        shown = {name: images[:count] for name, images in columns.items()}
        sheet = pseudo_label_panel(shown, path, titles[:count], legend)
        if recorded:
            log = SampleLog(Path(runner.work_dir, FOLDER), self.max_recorded)
            record(log, step, model, rows[:recorded], columns, meta)
        for backend in runner.visualizer._vis_backends.values():
            # The local one would only write the same file a second time.
            if not isinstance(backend, LocalVisBackend):
                backend.add_image('pseudo_labels', sheet[..., ::-1], step)


def unlabelled_first(model: nn.Module, count: int) -> list[int]:
    """Places of samples in the last batch, those of unlabelled ones first."""
    labelled = model.method.report['views']['strong'].labelled
    return labelled.int().argsort(stable=True)[:count].tolist()


@torch.no_grad()
def draw_report(model: nn.Module, rows: list[int], meta: dict) -> Columns:
    """Draw what a method reports of its last step.

    Args:
        model: A :class:`~ssltoolbox.semi.wrapper.SemiSupervisedModel` after a step.
        rows: Places of the samples in the batch.
        meta: Meta information of the data set: ``skeleton_links`` and
            ``keypoint_id2name``, or ``classes`` and ``palette``.

    Raises:
        ValueError: It is not known how to draw the labels of the task.
    """
    report, task = model.method.report, model.task
    if task.name not in COLUMNS:
        raise ValueError(
            f'PseudoLabelPictureHook draws labels of {", ".join(COLUMNS)}, not of task '
            f'{task.name!r}: take it out of custom_hooks'
        )
    views: dict[str, Batch] = report['views']
    undo = model.data_preprocessor.undo
    images = {
        name: [
            as_bgr(image, view.samples[row])
            for image, row in zip(to_images(undo(view.inputs[rows])), rows, strict=True)
        ]
        for name, view in views.items()
    }
    shown = Shown(rows, views, images, meta)
    columns, titles, legend = COLUMNS[task.name](task, report, shown)
    if 'weak' not in images:
        # one view alone is not strong beside anything
        return {'image': images['strong'], **columns}, titles, legend
    heads = {name: images[name] for name in ('weak', 'strong')}
    return {**heads, **columns}, titles, legend


def record(
    log: SampleLog,
    step: int,
    model: nn.Module,
    rows: list[int],
    columns: dict[str, list[np.ndarray]],
    meta: dict,
) -> None:
    """Keep the unlabelled samples among those that were drawn.

    Args:
        log: Where to.
        step: Iterations that are done.
        model: After the step.
        rows: Places in the batch of the first samples of the columns.
        columns: As drawn.
        meta: Meta information of the data set.
    """
    report = model.method.report
    batch = report['views']['strong']
    free = [i for i, row in enumerate(rows) if not batch.labelled[row]]
    if not free:
        return
    names = meta.get('keypoint_id2name', {}).values() or meta.get('classes') or ()
    facts = sample_facts(model.task, report, [rows[i] for i in free], list(names))
    groups = {each['id']: each['name'] for each in meta.get('CLASSES', ())}
    for i, fact in zip(free, facts, strict=True):
        about = batch.samples[rows[i]].metainfo
        path = about.get('name') or about.get('frame') or about.get('img_path', '')
        # of depth the sequence has a number, and the frame a path in its folder
        folder = Path(path).parent.name if 'sequence' in about else None
        group = groups.get(about.get('category_id')) or folder
        fact.update(
            name=Path(path).name,
            image=about.get('img_id'),
            group=group,
            tiles=list(columns),
        )
    log.add(step, facts, [[images[i] for images in columns.values()] for i in free])


def to_images(inputs: Tensor) -> list[np.ndarray]:
    """Turn (B, 3, H, W) of 0 to 255 into uint8 images of the host."""
    pixels = inputs.float().round().clamp(0, 255).byte()
    return list(pixels.permute(0, 2, 3, 1).cpu().numpy())


def as_bgr(image: np.ndarray, sample: Any) -> np.ndarray:
    """Undo ``ssltoolbox.ToHSV``, where the sample says that it was applied."""
    if getattr(sample, 'metainfo', {}).get('colour_space') != HSV:
        return image
    return cv2.cvtColor(image, cv2.COLOR_HSV2BGR_FULL)
