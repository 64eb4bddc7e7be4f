"""Draw which images are labelled: seeded, nested, stratified, whole groups."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

GroupOf = Callable[[dict[str, Any]], Any]


def group_by(field: str) -> GroupOf:
    r"""Make the function that tells which group (video, subject) an image is of.

    Args:
        field: A field of the images, such as ``'video_id'``; or ``'regex:...'``, a
            pattern searched in ``file_name`` whose first bracket is the group, such
            as ``'regex:^(.*)/frame'``.

    Raises:
        ValueError: No such pattern can be compiled; and, when it is called, an image
            without the field or without a match.
    """
    if not field.startswith('regex:'):

        def from_field(image: dict[str, Any]) -> Any:
            if field not in image:
                raise ValueError(
                    f'image {image["id"]} has no field {field!r} to group by; it has '
                    f"{', '.join(image)}. A pattern is given as 'regex:...'."
                )
            return image[field]

        return from_field
    try:
        pattern = re.compile(field.removeprefix('regex:'))
    except re.error as error:
        raise ValueError(f'cannot use {field!r} to group by: {error}') from None
    if pattern.groups < 1:
        raise ValueError(f'{field!r} needs a bracket around the name of the group')

    def from_name(image: dict[str, Any]) -> Any:
        found = pattern.search(image['file_name'])
        if not found:
            raise ValueError(
                f'file name {image["file_name"]!r} of image {image["id"]} does not '
                f'match {pattern.pattern!r}'
            )
        return found.group(1)

    return from_name


def classes_of_images(coco: Mapping[str, Any]) -> dict[int, int]:
    """Give each labelled image one class: the most frequent category in it.

    Of equally frequent ones the smallest id counts. Images without a usable
    keypoint are left out: labelling them would not help.
    """
    counts: dict[int, dict[int, int]] = {}
    for annotation in coco['annotations']:
        keypoints = annotation.get('keypoints')
        unlabelled = keypoints is not None and not any(keypoints[2::3])
        if annotation.get('iscrowd') or unlabelled:
            continue
        of_image = counts.setdefault(annotation['image_id'], {})
        category = annotation.get('category_id', 0)
        of_image[category] = of_image.get(category, 0) + 1
    return {
        image: min(found, key=lambda category: (-found[category], category))
        for image, found in counts.items()
    }


def instances_as_images(coco: Mapping[str, Any]) -> dict[str, Any]:
    """Make every annotation an image of its own, so that instances can be drawn.

    The images of the result have the ids of the annotations, and the other fields of
    the images that the annotations belong to.
    """
    images = {image['id']: image for image in coco['images']}
    entries = coco['annotations']
    return dict(
        coco,
        images=[dict(images[a['image_id']], id=a['id']) for a in entries],
        annotations=[dict(a, image_id=a['id']) for a in entries],
    )


def label_order(
    coco: Mapping[str, Any], seed: int, group_of: GroupOf | None = None
) -> dict[int, list[list[int]]]:
    """Shuffle the images of each class once; every list is a head of this order.

    Being heads of one order is what makes lists of one seed nested. The order
    depends on the ids and the seed alone, not on the order of the file.

    Args:
        coco: Content of an annotation file.
        seed: Seed of the draw, at least 0.
        group_of: The group of an image; None makes each image its own group. A
            group belongs to the most frequent class of its images.

    Returns:
        By class: groups, each a list of image ids.
    """
    classes = classes_of_images(coco)
    groups: dict[str, list[int]] = {}
    for image in sorted(coco['images'], key=lambda image: image['id']):
        if image['id'] in classes:
            name = f'{image["id"]:020d}' if group_of is None else str(group_of(image))
            groups.setdefault(name, []).append(image['id'])
    by_class: dict[int, list[list[int]]] = {}
    for name in sorted(groups):
        found = [classes[image] for image in groups[name]]
        main = min(set(found), key=lambda c: (-found.count(c), c))
        by_class.setdefault(main, []).append(groups[name])
    drawn = []
    for class_, of_class in by_class.items():
        # a stream per class: an added class does not change the draw of the others
        rng = np.random.Generator(np.random.PCG64([seed, class_]))
        # the classes are shuffled too, else small totals always favour the first
        turn = rng.random()
        shuffled = [of_class[place] for place in rng.permutation(len(of_class))]
        drawn.append((turn, class_, shuffled))
    drawn.sort(key=lambda entry: entry[:2])
    return {class_: shuffled for _, class_, shuffled in drawn}


def take_per_class(order: Mapping[int, Sequence[list[int]]], count: int) -> list[int]:
    """Take the first ``count`` images of each class, whole groups only.

    A class with fewer images gives all. A group that would pass ``count`` is still
    taken when nothing else of its class is, else left out.

    Raises:
        ValueError: ``count`` is less than 1.
    """
    if count < 1:
        raise ValueError(f'images per class must be at least 1, got {count}')
    chosen = []
    for groups in order.values():
        chosen += _head(groups, count)
    return chosen


def take_count(order: Mapping[int, Sequence[list[int]]], count: int) -> list[int]:
    """Take ``count`` images in all, of every class in proportion.

    The groups of all classes are merged by their relative place in their class, so
    any head of the merged order holds the classes in proportion; heads are nested.

    Raises:
        ValueError: ``count`` is less than 1, or more than there are images.
    """
    ranked = []
    total = 0
    for turn, groups in enumerate(order.values()):
        size, before = sum(map(len, groups)), 0
        for group in groups:
            ranked.append(((before + len(group) / 2) / size, turn, group))
            before += len(group)
        total += size
    if not 1 <= count <= total:
        raise ValueError(f'can take 1 to {total} labelled images, asked for {count}')
    ranked.sort(key=lambda entry: entry[:2])
    return _head([group for _, _, group in ranked], count)


def take_percent(order: Mapping[int, Sequence[list[int]]], percent: float) -> list[int]:
    """Take a share of the images in percent, of every class in proportion.

    Raises:
        ValueError: ``percent`` is not above 0 and at most 100.
    """
    if not 0 < percent <= 100:
        raise ValueError(f'a fraction is above 0 and at most 100 %, got {percent}')
    total = sum(len(group) for groups in order.values() for group in groups)
    return take_count(order, max(1, round(total * percent / 100)))


def divide(
    coco: Mapping[str, Any],
    parts: Sequence[float],
    seed: int = 0,
    group_of: GroupOf | None = None,
) -> list[dict[str, Any]]:
    """Divide an annotation file into train, val and, with three parts, test.

    Args:
        coco: Content of an annotation file.
        parts: Sizes: numbers of images, or shares when all are below 1. The last
            part may be left out and is then what remains.
        seed: Seed of the draw, at least 0.
        group_of: The group of an image; a group goes wholly to one part.

    Returns:
        One COCO dictionary per part, images and annotations in the file's order.

    Raises:
        ValueError: Sizes make no sense or a part would be empty.
    """
    order = label_order(coco, seed, group_of)
    total = sum(len(group) for groups in order.values() for group in groups)
    sizes = _sizes(parts, total)
    merged = take_count(order, total)
    group = _groups_of(order)
    ends = np.cumsum(sizes)
    taken: list[set[int]] = [set() for _ in sizes]
    place = 0
    for count, image in enumerate(merged):
        # only at the start of a group may the next part begin
        if count == 0 or group[image] != group[merged[count - 1]]:
            while place < len(sizes) - 1 and count >= ends[place]:
                place += 1
        taken[place].add(image)
    for size, images in zip(sizes, taken, strict=True):
        if not images:
            raise ValueError(
                f'a part of {size} images would be empty: {total} images in '
                f'{len(set(group.values()))} groups cannot be divided into {sizes}'
            )
    return [_part(coco, images) for images in taken]


def _head(groups: Iterable[list[int]], count: int) -> list[int]:
    chosen: list[int] = []
    for group in groups:
        # Stopping here, not skipping, keeps a smaller list inside a larger one.
        if chosen and len(chosen) + len(group) > count:
            break
        chosen += group
        if len(chosen) >= count:
            break
    return chosen


def _groups_of(order: Mapping[int, Sequence[list[int]]]) -> dict[int, int]:
    groups = [group for of_class in order.values() for group in of_class]
    return {image: place for place, group in enumerate(groups) for image in group}


def _sizes(parts: Sequence[float], total: int) -> list[int]:
    if len(parts) < 2 or any(part <= 0 for part in parts):
        raise ValueError(f'divide needs two or three sizes above 0, got {list(parts)}')
    if all(part < 1 for part in parts):
        sizes = [round(part * total) for part in parts]
        if abs(sum(parts) - 1) < 1e-9:
            sizes[-1] = total - sum(sizes[:-1])
    elif all(part == int(part) for part in parts):
        sizes = [int(part) for part in parts]
    else:
        raise ValueError(
            f'sizes are all numbers of images or all shares below 1, got {list(parts)}'
        )
    left = total - sum(sizes)
    if left < 0:
        raise ValueError(f'{sizes} images are asked for, {total} can be labelled')
    if left and len(sizes) == 2:
        sizes.append(left)
    elif left:
        raise ValueError(f'{sizes} leave {left} of {total} images in no part')
    return sizes


def _part(coco: Mapping[str, Any], images: set[int]) -> dict[str, Any]:
    return dict(
        coco,
        images=[image for image in coco['images'] if image['id'] in images],
        annotations=[a for a in coco['annotations'] if a['image_id'] in images],
    )
