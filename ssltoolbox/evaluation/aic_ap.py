"""Average precision of AI Challenger, by the rules of its own evaluation."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ssltoolbox.datasets.coco_file import read_coco
from ssltoolbox.datasets.pose.aic import (
    NUM_JOINTS,
    UNLABELLED,
    AicPoseDataset,
    Person,
    read_aic,
)
from ssltoolbox.utils.json_file import read_json

THRESHOLDS = np.linspace(0.5, 0.95, 10)
VISIBLE = 1


def similarities(
    people: Sequence[Person], found: np.ndarray, sigmas: np.ndarray
) -> np.ndarray:
    """Similarity of each annotated to each predicted person, over visible joints.

    Args:
        people: N annotated persons of an image.
        found: Predictions of the same image, (M, 14, 2) in image px.
        sigmas: Spread of each joint as a share of the person's size, (14,).

    Returns:
        (N, M) in 0..1: the mean of ``exp(-d^2 / (2 (2 sigma)^2 (area + 1)))`` with
        the area of the box; 0 for a person without a visible joint.
    """
    result = np.zeros((len(people), len(found)))
    for row, person in zip(result, people, strict=True):
        visible = person.keypoints[:, 2] == VISIBLE
        if visible.any():
            x1, y1, x2, y2 = person.box
            area = (x2 - x1) * (y2 - y1)
            squares = ((found - person.keypoints[:, :2]) ** 2).sum(-1)
            exponents = squares / (2 * (2 * sigmas) ** 2 * (area + 1))
            row[:] = np.exp(-exponents)[:, visible].mean(1)
    return result


def average_precision(
    truth: Mapping[str, Sequence[Person]],
    found: Mapping[str, np.ndarray],
    sigmas: np.ndarray,
) -> float:
    """Mean over the thresholds 0.5, 0.55, .. 0.95 of the share of persons found.

    Each annotated person takes its most similar prediction, whatever others took. The
    share is taken of the larger of both numbers in each image, so that surplus
    predictions count as wrong; nothing is suppressed, no score is used.

    Args:
        truth: Persons by image; these images are evaluated.
        found: Predictions (M, 14, 2) by image; an image may be absent.
        sigmas: See :func:`similarities`.

    Returns:
        Value in 0..1, or -1 if there is neither a person nor a prediction.
    """
    best, total = [np.zeros(0)], 0
    for image, people in truth.items():
        poses = found.get(image, np.zeros((0, len(sigmas), 2)))
        best.append(similarities(people, poses, sigmas).max(axis=1, initial=0))
        total += max(len(people), len(poses))
    right = np.concatenate(best)[:, None] > THRESHOLDS
    return float(right.sum(0).mean() / total) if total else -1.0


def read_aic_people(path: str | Path) -> dict[str, list[Person]]:
    """Read annotations as published, or in mmpose's COCO-style conversion.

    Returns:
        Persons by image, which is named by its file without suffix.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is neither, or an entry is wrong.
    """
    if isinstance(read_json(path, 'annotation file', AicPoseDataset.HINT), dict):
        return _converted(read_coco(path, NUM_JOINTS))
    result: dict[str, list[Person]] = {}
    for person in read_aic(path):
        result.setdefault(person.image, []).append(person)
    return result


def _converted(content: dict) -> dict[str, list[Person]]:
    names = {i['id']: Path(i['file_name']).stem for i in content['images']}
    result: dict[str, list[Person]] = {name: [] for name in names.values()}
    for annotation in content['annotations']:
        name = names[annotation['image_id']]
        x, y, width, height = annotation['bbox']
        keypoints = np.array(annotation['keypoints'], np.float64).reshape(-1, 3)
        # COCO's 2, 1, 0 for visible, occluded, unlabelled
        keypoints[:, 2] = UNLABELLED - keypoints[:, 2]
        person = Person(name, (x, y, x + width, y + height), keypoints)
        result[name].append(person)
    return result
