"""Masks in a store, laid over their images."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from ssltoolbox.apis.run_report.gallery import (
    CORRECTED,
    Gallery,
    Sample,
    encode,
    fitted,
    hexadecimal,
    rounded,
)
from ssltoolbox.apis.run_report.labelled_data import LabelledData, dictionaries
from ssltoolbox.apis.run_report.pick import pick, shown_note
from ssltoolbox.apis.run_report.run import StageRun
from ssltoolbox.datasets.transforms.load_hidden_mask import LoadHiddenMask
from ssltoolbox.datasets.transforms.load_mask import IGNORED
from ssltoolbox.evaluation.dense_label import mean_iou, pixel_accuracy
from ssltoolbox.evaluation.sample_facts import fate_of
from ssltoolbox.semi.mask_store import MaskStore
from ssltoolbox.utils.image_file import read_image
from ssltoolbox.visualization.dense import class_colors, draw_classes

MEANING = {
    'confidence': 'mean probability of the class of each pixel',
    'disagreement': 'share of the pixels on which a network or view says otherwise',
    'kept': 'share of the pixels that have a class',
    'right': 'share of the pixels with a class whose class is the true one',
}


def mask_gallery(
    stage: StageRun,
    data: LabelledData,
    most: int,
    advance: Callable[[int, int], None],
) -> Gallery:
    """Show the masks of a :class:`~ssltoolbox.semi.mask_store.MaskStore`.

    Args:
        stage: The stage that made the store.
        data: The images that they belong to.
        most: Labels that are shown.
        advance: Told how many are done, of how many.
    """
    store, samples = MaskStore.read(stage.store), []
    meta = {'classes': store.meta.get('classes'), **data.metainfo}
    truth = HiddenMasks(stage.config)
    every = sorted(store.images)
    chosen = pick(every, most)
    for img_id in chosen:
        classes, _ = store.load(img_id)
        about, record = store.images[img_id], data.records.get(img_id, {})
        values = {k: rounded(about[k]) for k in MEANING if k in about}
        values |= truth.judge(record, classes)
        fate = fate_of(about.get('kept', 1.0)) if about['accepted'] else 'dropped'
        fate = CORRECTED if img_id in store.corrected else fate
        name = str(about.get('name', img_id))
        samples.append(class_sample(name, fate, values, classes, record, meta))
        advance(len(samples), len(chosen))
    return Gallery(
        stage.name,
        'stored masks',
        samples,
        part='class',
        legend=class_legend(meta),
        meaning=MEANING,
        notes=[*data.notes, *shown_note(chosen, every)],
    )


def class_sample(
    name: str,
    fate: str,
    values: Mapping[str, float | None],
    classes: np.ndarray,
    record: Mapping[str, Any],
    meta: Mapping[str, Any],
) -> Sample:
    """Make a sample of a label map (H, W), with the share of each class as parts."""
    names = list(meta.get('classes') or ())
    counts = np.bincount(classes.ravel(), minlength=IGNORED + 1)[:IGNORED]
    parts = {
        names[c] if c < len(names) else str(c): {'share': rounded(n / classes.size)}
        for c, n in enumerate(counts.tolist())
        if n
    }
    picture = None
    image = read_image(record['img_path'], upright=False) if record else None
    if image is not None:
        known = classes != IGNORED
        picture = encode(
            draw_classes(fitted(image), classes, class_colors(meta), known)
        )
    return Sample(name, fate, values, picture, parts=parts)


def class_legend(meta: Mapping[str, Any]) -> dict[str, str]:
    """Colour of every class, as the pictures have it."""
    names, colours = list(meta.get('classes') or ()), class_colors(meta)
    return {n: hexadecimal(c) for n, c in zip(names, colours, strict=False) if any(c)}


class HiddenMasks:
    """Reads the masks that are hidden from the training, to judge its labels.

    Args:
        config: Of the stage; how it reads masks is how they are read here.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        snaps = [entry['snap'] for entry in dictionaries(config) if 'snap' in entry]
        self.load = LoadHiddenMask(snap=max(snaps, default=0))

    def judge(
        self, record: Mapping[str, Any], classes: np.ndarray
    ) -> dict[str, float | None]:
        """How right a label map (H, W) is, nothing where the truth is unknown."""
        record = {'ori_shape': classes.shape, **record}
        try:
            truth = self.load(record).get('truth_seg_map')
        except (OSError, ValueError):
            return {}
        if truth is None:
            return {}
        found, true = (
            torch.from_numpy(m.astype(np.int64))[None] for m in (classes, truth)
        )
        judged = (true != IGNORED) & (found != IGNORED)
        right, iou = (f(found, true, judged).item() for f in (pixel_accuracy, mean_iou))
        return {'right': rounded(right), 'iou': rounded(iou)}
