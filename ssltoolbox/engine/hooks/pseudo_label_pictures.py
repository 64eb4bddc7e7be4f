"""Save pictures of what the method made of its pseudo labels."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.dist import master_only
from mmengine.hooks import Hook
from mmengine.visualization import LocalVisBackend
from torch import Tensor, nn

from ssltoolbox.engine.hooks.semi_supervision import unwrap
from ssltoolbox.evaluation.pseudo_label import precision
from ssltoolbox.registry import HOOKS
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.base import Batch, Task
from ssltoolbox.visualization.colors import side_colors
from ssltoolbox.visualization.draw import draw_pose, enlarge
from ssltoolbox.visualization.pseudo_labels import pseudo_label_panel


@HOOKS.register_module()
class PseudoLabelPictureHook(Hook):
    """Draw samples of a batch as weak | strong | teacher | kept labels.

    Unlabelled samples come first. Pictures lie in ``pseudo_labels/`` of the run's log
    folder, and go to the other visualizer backends such as TensorBoard. The row's
    title counts the labels and, where the truth is known, says how many are right.

    Args:
        interval: Iterations between two pictures (>= 1); the first iteration is
            always drawn.
        max_samples: Rows of a picture (>= 1).
    """

    def __init__(self, interval: int = 500, max_samples: int = 4) -> None:
        if interval < 1 or max_samples < 1:
            raise ValueError(
                'interval and max_samples must be at least 1, got '
                f'{interval} and {max_samples}'
            )
        self.interval, self.max_samples = interval, max_samples

    @master_only
    def after_train_iter(
        self, runner, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Draw the first and every ``interval``-th iteration."""
        if runner.iter and not self.every_n_train_iters(runner, self.interval):
            return
        step = runner.iter + 1
        path = Path(runner.log_dir, 'pseudo_labels', f'iter_{step:06d}.png')
        meta = runner.visualizer.dataset_meta or {}
        sheet = draw_report(unwrap(runner.model), path, self.max_samples, meta)
        for backend in runner.visualizer._vis_backends.values():
            # The local one would only write the same file a second time.
            if not isinstance(backend, LocalVisBackend):
                backend.add_image('pseudo_labels', sheet[..., ::-1], step)


@torch.no_grad()
def draw_report(
    model: nn.Module, path: Path, max_samples: int, meta: dict
) -> np.ndarray:
    """Draw what a method reports of its last step.

    Args:
        model: A :class:`~ssltoolbox.semi.wrapper.SemiSupervisedModel` after a step.
        path: Picture to write.
        max_samples: Samples to draw.
        meta: Meta information of the data set, for ``skeleton_links`` and
            ``keypoint_id2name``.

    Returns:
        (H, W, 3) uint8, BGR, as written.
    """
    report, task = model.method.report, model.task
    views: dict[str, Batch] = report['views']
    strong, label = views['strong'], report['label']
    rows = strong.labelled.int().argsort(stable=True)[:max_samples].tolist()
    preprocessor, links = model.data_preprocessor.base, meta.get('skeleton_links', [])
    inputs = {name: batch.inputs[rows] for name, batch in views.items()}
    images = {name: to_images(part, preprocessor) for name, part in inputs.items()}
    shown = [name for name in ('weak', 'strong') if name in views]
    columns: dict[str, list] = {name: images[name] for name in shown}

    def draw(name: str, points: Tensor, i: int, **look) -> np.ndarray:
        return draw_pose(*enlarge(images[name][i], _array(points)), links=links, **look)

    if 'teacher' in report:
        taught = report['teacher']
        name = next(n for n, batch in views.items() if batch.view is taught.view)
        sides = side_colors(list(meta.get('keypoint_id2name', {}).values())) or None
        columns[f'teacher ({name})'] = [
            draw(name, taught.value[r], i, colors=sides, scores=_array(taught.score[r]))
            for i, r in enumerate(rows)
        ]
    fate = fates(report)
    points = _final_points(report, fate)
    columns['kept labels'] = [
        draw(
            'strong',
            points[r],
            i,
            weights=_array(~fate['dropped'][r]),
            relabelled=_array(fate['re-labelled'][r]),
        )
        for i, r in enumerate(rows)
    ]
    used = {'kept': label, 're-labelled': report['relabel'], 'dropped': label}
    titles = [describe(task, strong, used, fate, r) for r in rows]
    return pseudo_label_panel(columns, path, titles)


def _final_points(report: dict, fate: dict[str, Tensor]) -> Tensor:
    changed, absent = fate['re-labelled'][..., None], fate['without label'][..., None]
    points = torch.where(changed, report['relabel'].value, report['label'].value)
    return points.masked_fill(absent, torch.nan)


def fates(report: dict) -> dict[str, Tensor]:
    """Masks (B, K): what became of each keypoint; exactly one is true of each."""
    relabelled = report['relabelled'] > 0
    labelled = report['views']['strong'].labelled[:, None]
    has_label = report['label'].weight != 0
    # The method takes a person's label whether or not its loss is small.
    kept = ((report['kept'] > 0) | labelled) & has_label & ~relabelled
    return {
        'kept': kept,
        're-labelled': relabelled,
        'dropped': has_label & ~kept & ~relabelled,
        'without label': ~has_label & ~relabelled,
    }


def describe(
    task: Task,
    batch: Batch,
    labels: dict[str, PseudoLabel],
    fate: dict[str, Tensor],
    row: int,
) -> str:
    """One line on the labels of a sample, such as ``9 kept (8 right)``."""
    truth, one = task.truth(batch), slice(row, row + 1)
    parts = []
    for name, mask in fate.items():
        text = f'{int(mask[row].sum())} {name}'
        if name in labels:
            share = precision(
                labels[name].value[one],
                truth.value[one],
                truth.weight[one],
                mask[one],
                batch.view.size,
            ).item()
            text += '' if np.isnan(share) else f' ({share:.0%} right)'
        parts.append(text)
    kind = 'labelled' if batch.labelled[row] else 'unlabelled'
    image = batch.samples[row].metainfo.get('img_id', '?')
    return f'image {image}, {kind}: {", ".join(parts)}'


def to_images(inputs: Tensor, preprocessor: nn.Module) -> list[np.ndarray]:
    """Undo the preprocessor: normalised (B, 3, H, W) to uint8 images as loaded."""
    if preprocessor._enable_normalize:
        inputs = inputs * preprocessor.std + preprocessor.mean
    if preprocessor._channel_conversion:
        inputs = inputs.flip(1)
    pixels = inputs.float().round().clamp(0, 255).byte()
    return list(pixels.permute(0, 2, 3, 1).cpu().numpy())


def _array(value: Tensor) -> np.ndarray:
    return (
        value.float().cpu().numpy()
        if value.is_floating_point()
        else value.cpu().numpy()
    )
