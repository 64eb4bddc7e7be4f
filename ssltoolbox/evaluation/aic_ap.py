"""Average precision of AI Challenger, by the rules of its own evaluation."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ssltoolbox.utils.json_file import read_json

THRESHOLDS = np.linspace(0.5, 0.95, 10)
_HINT = 'Give keypoint_validation_annotation.json of AI Challenger.'


class Person(NamedTuple):
    """An annotated person.

    Args:
        keypoints: (14, 2) in image px.
        visible: Joints that are labelled and not occluded, (14,) bool.
        area: Of the box, in px^2.
    """

    keypoints: np.ndarray
    visible: np.ndarray
    area: float


def similarities(
    people: Sequence[Person], found: np.ndarray, sigmas: np.ndarray
) -> np.ndarray:
    """Similarity of each annotated to each predicted person, over visible joints.

    Args:
        people: N annotated persons.
        found: Predictions of the same image, (M, 14, 2) in image px.
        sigmas: Spread of each joint as a share of the person's size, (14,).

    Returns:
        (N, M) in 0..1: the mean of ``exp(-d^2 / (2 (2 sigma)^2 (area + 1)))``; 0 for
        a person without a visible joint.
    """
    result = np.zeros((len(people), len(found)))
    for row, person in zip(result, people, strict=True):
        if person.visible.any():
            squares = ((found - person.keypoints) ** 2).sum(-1)
            exponents = squares / (2 * (2 * sigmas) ** 2 * (person.area + 1))
            row[:] = np.exp(-exponents)[:, person.visible].mean(1)
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
        ValueError: The file is neither, or a person has not 14 joints.
    """
    content = read_json(path, 'annotation file', _HINT)
    try:
        if isinstance(content, dict):
            return _converted(content)
        return {item['image_id']: _published(item) for item in content}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(
            f'{path}: expected a list of image_id, human_annotations and '
            f'keypoint_annotations with 14 joints (x, y, visibility): '
            f'{type(error).__name__} {error}. {_HINT}'
        ) from None


def _published(item: dict) -> list[Person]:
    people = []
    for name, keypoints in item['keypoint_annotations'].items():
        x1, y1, x2, y2 = item['human_annotations'][name]
        people.append(_person(keypoints, 1, (x2 - x1) * (y2 - y1)))
    return people


def _converted(content: dict) -> dict[str, list[Person]]:
    names = {i['id']: Path(i['file_name']).stem for i in content['images']}
    result: dict[str, list[Person]] = {name: [] for name in names.values()}
    for annotation in content['annotations']:
        _, _, width, height = annotation['bbox']
        # COCO calls a joint visible by 2, AI Challenger by 1.
        person = _person(annotation['keypoints'], 2, width * height)
        result[names[annotation['image_id']]].append(person)
    return result


def _person(keypoints: Sequence[float], visible: int, area: float) -> Person:
    table = np.array(keypoints, np.float64).reshape(14, 3)
    return Person(table[:, :2], table[:, 2] == visible, float(area))
