import random

import pytest

from ssltoolbox.datasets.splits import (
    classes_of_images,
    divide,
    group_by,
    label_order,
    take_count,
    take_per_class,
    take_percent,
)


def coco(sizes=None):
    """Make images of one instance: ``sizes`` images of each class, 5 per video."""
    sizes = sizes or {1: 30, 2: 20, 3: 3}
    images, annotations = [], []
    for category, size in sizes.items():
        for place in range(size):
            id_ = len(images) + 1
            video = f'{category}{place // 5}'
            images.append(dict(id=id_, file_name=f'{video}/img{place}.png', clip=video))
            annotations.append(
                dict(id=id_, image_id=id_, category_id=category, keypoints=[1, 1, 2])
            )
    return dict(images=images, annotations=annotations, categories=[])


def test_per_class_takes_that_many_of_each_class():
    data = coco()
    chosen = take_per_class(label_order(data, seed=0), 5)
    found = [classes_of_images(data)[image] for image in chosen]
    assert {c: found.count(c) for c in set(found)} == {1: 5, 2: 5, 3: 3}
    assert len(set(chosen)) == len(chosen)


@pytest.mark.parametrize('group', [None, 'clip'])
@pytest.mark.parametrize(
    'take, sizes',
    [
        (take_per_class, (1, 5, 10, 20)),
        (take_count, (1, 7, 8, 30, 53)),
        (take_percent, (1, 5, 10, 50, 100)),
    ],
)
def test_smaller_lists_are_inside_larger_ones(take, sizes, group):
    order = label_order(coco(), 3, group and group_by(group))
    lists = [set(take(order, size)) for size in sizes]
    assert all(a <= b for a, b in zip(lists, lists[1:], strict=False))


def test_same_seed_same_list_whatever_the_order_of_the_file():
    shuffled = coco()
    random.Random(0).shuffle(shuffled['images'])
    random.Random(1).shuffle(shuffled['annotations'])
    assert label_order(shuffled, 1) == label_order(coco(), 1) != label_order(coco(), 2)


def test_draw_is_the_same_on_every_platform():
    # PCG64 is fixed by numpy's compatibility policy; a change here changes results
    order = label_order(coco({1: 6}), seed=0)
    assert take_per_class(order, 6) == [2, 4, 6, 3, 1, 5]


def test_another_class_does_not_change_the_draw():
    assert label_order(coco({1: 9, 2: 9}), 0)[1] == label_order(coco({1: 9}), 0)[1]


def test_count_is_in_proportion_to_the_classes():
    data = coco({1: 30, 2: 20})
    chosen = take_count(label_order(data, 0), 10)
    found = [classes_of_images(data)[image] for image in chosen]
    assert (found.count(1), found.count(2)) == (6, 4)
    assert len(take_percent(label_order(data, 0), 10)) == 5


def test_seeds_favour_no_class_when_few_are_taken():
    data = coco({1: 4, 2: 4, 3: 4})
    classes = classes_of_images(data)
    first = {classes[take_count(label_order(data, s), 1)[0]] for s in range(20)}
    assert first == {1, 2, 3}


@pytest.mark.parametrize('field', ['clip', 'regex:^(.*)/img'])
def test_a_video_is_taken_wholly_or_not(field):
    data = coco()
    chosen = set(take_per_class(label_order(data, 0, group_by(field)), 10))
    videos = {image['clip'] for image in data['images'] if image['id'] in chosen}
    whole = {image['id'] for image in data['images'] if image['clip'] in videos}
    assert chosen == whole and len(chosen) == 10 + 10 + 3


def test_a_video_larger_than_the_count_is_still_taken_first():
    chosen = take_per_class(label_order(coco({1: 10}), 0, group_by('clip')), 2)
    assert len(chosen) == 5


def test_images_without_usable_keypoints_are_never_labelled():
    data = coco({1: 4})
    data['annotations'][0]['keypoints'] = [0, 0, 0]
    data['annotations'][1]['iscrowd'] = 1
    del data['annotations'][2]
    assert sorted(take_per_class(label_order(data, 0), 9)) == [4]


def test_class_of_an_image_is_its_most_frequent_category():
    annotations = [dict(image_id=1, category_id=c) for c in (5, 3, 3)]
    annotations += [dict(image_id=2, category_id=c) for c in (5, 3)]
    assert classes_of_images(dict(annotations=annotations)) == {1: 3, 2: 3}


@pytest.mark.parametrize(
    'sizes, expected',
    [
        ((30, 10), [30, 10, 13]),
        ((30, 10, 13), [30, 10, 13]),
        ((40, 13), [40, 13]),
        ((0.6, 0.2), [32, 11, 10]),
        ((0.5, 0.5), [26, 27]),
    ],
)
def test_divide_gives_every_image_to_one_part(sizes, expected):
    data = coco()
    parts = divide(data, sizes, seed=1)
    assert [len(part['images']) for part in parts] == expected
    ids = [image['id'] for part in parts for image in part['images']]
    assert sorted(ids) == list(range(1, 54))
    for part in parts:
        owners = {annotation['image_id'] for annotation in part['annotations']}
        assert owners == {image['id'] for image in part['images']}
    assert len({a['category_id'] for a in parts[0]['annotations']}) == 3


def test_divide_keeps_videos_whole():
    parts = divide(coco(), (25, 15), group_of=group_by('clip'))
    videos = [{image['clip'] for image in part['images']} for part in parts]
    assert not (videos[0] & videos[1] or videos[0] & videos[2] or videos[1] & videos[2])


@pytest.mark.parametrize(
    'sizes, message',
    [
        ((60, 10), '53 can be labelled'),
        ((10,), 'two or three sizes'),
        ((10, 0), 'above 0'),
        ((10, 0.5), 'all numbers of images or all shares'),
        ((10, 10, 10), 'leave 23 of 53'),
        ((0.001, 0.9), 'would be empty'),
    ],
)
def test_divide_refuses_sizes_that_do_not_fit(sizes, message):
    with pytest.raises(ValueError, match=message):
        divide(coco(), sizes)


@pytest.mark.parametrize(
    'take, size, message',
    [
        (take_per_class, 0, 'at least 1'),
        (take_count, 54, 'can take 1 to 53 labelled images, asked for 54'),
        (take_percent, 0, 'above 0 and at most 100'),
        (take_percent, 101, 'above 0 and at most 100'),
    ],
)
def test_sizes_out_of_range(take, size, message):
    with pytest.raises(ValueError, match=message):
        take(label_order(coco(), 0), size)


@pytest.mark.parametrize(
    'field, message',
    [
        ('video', "image 1 has no field 'video' .*it has id, file_name, clip"),
        ('regex:^x(.*)', "'10/img0.png' of image 1 does not match"),
        ('regex:(', 'cannot use'),
        ('regex:abc', 'needs a bracket'),
    ],
)
def test_groups_that_cannot_be_found(field, message):
    with pytest.raises(ValueError, match=message):
        label_order(coco(), 0, group_by(field))
