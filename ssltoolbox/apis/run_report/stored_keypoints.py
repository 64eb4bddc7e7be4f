"""Keypoints in a store, drawn on the boxes that they belong to."""

from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np

from ssltoolbox.apis.run_report.gallery import (
    CORRECTED,
    THUMB,
    Gallery,
    Sample,
    encode,
    hexadecimal,
    rounded,
)
from ssltoolbox.apis.run_report.labelled_data import LabelledData
from ssltoolbox.apis.run_report.pick import pick, shown_note
from ssltoolbox.apis.run_report.run import StageRun
from ssltoolbox.evaluation.sample_facts import MAX_DIST, fate_of
from ssltoolbox.semi.store import LabelStore
from ssltoolbox.utils.image_file import read_image
from ssltoolbox.visualization.colors import DROPPED, KEPT
from ssltoolbox.visualization.draw import draw_pose

PADDING = 1.25
"""Side of the crop that is shown over the longer side of the box."""
MEANING = {
    'confidence': 'mean score of the joints',
    'kept': 'share of the joints whose score is above the threshold',
    'right': f'share of the kept joints nearer to the truth than {MAX_DIST:.0%} of '
    'the crop',
    'error': 'mean distance of the kept joints from the truth, a share of the crop',
}


def keypoint_gallery(
    stage: StageRun,
    data: LabelledData,
    most: int,
    advance: Callable[[int, int], None],
) -> Gallery:
    """Show the keypoints of a :class:`~ssltoolbox.semi.store.LabelStore`.

    Args:
        stage: The stage that made the store.
        data: The instances that they belong to.
        most: Labels that are shown.
        advance: Told how many are done, of how many.
    """
    store = LabelStore.read(stage.store)
    rows = [i for i, key in enumerate(store.ids.tolist()) if key in data.records]
    rows = rows or list(range(len(store.ids)))
    threshold = -np.inf
    if data.drop_share is not None:
        threshold = store.score_threshold(data.drop_share)
    chosen, samples = pick(rows, most), []
    for row in chosen:
        record = data.records.get(int(store.ids[row]))
        # of what a person corrected, as the training does, all that has a score
        kept = store.scores[row] > (0 if store.corrected[row] else threshold)
        samples.append(_sample(store, row, kept, record, data.metainfo))
        advance(len(samples), len(chosen))
    return Gallery(
        stage.name,
        'stored keypoints',
        samples,
        part='joint',
        group='species',
        legend={'kept': hexadecimal(KEPT), 'dropped (hollow)': hexadecimal(DROPPED)},
        meaning=MEANING,
        notes=[*data.notes, *_notes(data, threshold), *shown_note(chosen, rows)],
    )


def _notes(data: LabelledData, threshold: float) -> list[str]:
    if data.drop_share is None:
        return ['No later stage of this run has begun to learn from these labels.']
    told = f'A joint is kept if its score is above {threshold:.3g}: '
    return [told + f'{data.drop_share:.0%} of all have less.']


def _sample(
    store: LabelStore,
    row: int,
    kept: np.ndarray,
    record: dict | None,
    metainfo: Mapping[str, Any],
) -> Sample:
    points, scores = store.keypoints[row], store.scores[row]
    names = metainfo.get('keypoint_id2name', {})
    parts = {
        names.get(k, str(k)): {
            'fate': 'kept' if kept[k] else 'dropped',
            'confidence': rounded(float(score)),
        }
        for k, score in enumerate(scores)
    }
    share = float(kept.mean())
    fate = CORRECTED if store.corrected[row] else fate_of(share)
    values = {'confidence': rounded(float(scores.mean())), 'kept': rounded(share)}
    if record is None:
        name = f'instance {store.ids[row]}'
        return Sample(name, fate, values, parts=parts)
    species = {each['id']: each['name'] for each in metainfo.get('CLASSES', ())}
    return Sample(
        name=record['img_path'].rsplit('/', 1)[-1],
        fate=fate,
        values=values | _judge(record, points, kept),
        picture=_picture(record, points, kept, metainfo),
        group=species.get(record.get('category_id')),
        parts=parts,
    )


def _truth(record: Mapping[str, Any]) -> np.ndarray:
    """A person's keypoints (K, 3), which a part of a data set hides."""
    if 'truth' in record:
        return record['truth']
    points, visible = record['keypoints'][0], record['keypoints_visible'][0]
    return np.concatenate([points, visible[:, None]], 1)


def _judge(record, points: np.ndarray, kept: np.ndarray) -> dict[str, float | None]:
    truth = _truth(record)
    judged = kept & (truth[:, 2] > 0)
    if not judged.any():
        return {}
    gap = np.linalg.norm(points - truth[:, :2], axis=1)[judged] / _side(record)
    right = float((gap <= MAX_DIST).mean())
    return {'right': rounded(right), 'error': rounded(float(gap.mean()))}


def _side(record: Mapping[str, Any]) -> float:
    """Side of the square crop in px of the image."""
    x1, y1, x2, y2 = np.ravel(record['bbox'])[:4]
    return PADDING * float(max(x2 - x1, y2 - y1, 1))


def _picture(record, points, kept, metainfo: Mapping[str, Any]) -> bytes | None:
    image = read_image(record['img_path'], upright=False)
    if image is None:
        return None
    x1, y1, x2, y2 = np.ravel(record['bbox'])[:4]
    factor = THUMB / _side(record)
    shift = (THUMB - 1) / 2 - factor * np.array([(x1 + x2) / 2, (y1 + y2) / 2])
    matrix = np.array([[factor, 0, shift[0]], [0, factor, shift[1]]])
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    crop = cv2.warpAffine(image, matrix, (THUMB, THUMB), flags=how)
    links = metainfo.get('skeleton_links', ())
    return encode(draw_pose(crop, factor * points + shift, kept, links, radius=2.5))
