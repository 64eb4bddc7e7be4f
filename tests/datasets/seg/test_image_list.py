import json

import pytest

from ssltoolbox.datasets.seg.image_list import Listed, make_image_list, read_image_list
from ssltoolbox.datasets.splits import divide, group_by, label_order, take_count
from ssltoolbox.utils.digest import name_id

NAMES = ('background', 'polyp')


def listing(count=40, per_group=1):
    """Every fourth image shows a polyp; groups are runs of images."""
    images = [
        Listed(
            f'{i}.png', frozenset({0, 1} if i % 4 == 0 else {0}), f'g{i // per_group}'
        )
        for i in range(count)
    ]
    return make_image_list(images, NAMES, 'test')


def test_a_category_for_each_combination_of_classes():
    content = listing(8)
    assert [c['name'] for c in content['categories']] == (
        ['background', 'background + polyp']
    )
    assert [a['category_id'] for a in content['annotations']] == [2, 1, 1, 1] * 2
    assert content['images'][3] == dict(
        id=name_id('3.png'), file_name='3.png', group='g3'
    )


def test_parts_have_their_share_of_images_with_each_class():
    parts = divide(listing(), (0.72, 0.08))
    polyps = [sum(a['category_id'] == 2 for a in p['annotations']) for p in parts]
    assert [len(p['images']) for p in parts] == [29, 3, 8]
    assert sum(polyps) == 10 and polyps[0] in (7, 8) and polyps[2] in (1, 2, 3)
    drawn = take_count(label_order(listing(), 0), 8)
    with_polyp = {name_id(f'{i}.png') for i in range(0, 40, 4)}
    assert len(with_polyp & set(drawn)) == 2


def test_groups_stay_whole():
    parts = divide(listing(per_group=5), (0.5, 0.25), group_of=group_by('group'))
    groups = [{image['group'] for image in part['images']} for part in parts]
    assert sum(map(len, groups)) == 8 == len(set.union(*groups))


def test_a_list_is_read_and_checked(tmp_path):
    path = tmp_path / 'list.json'
    path.write_text(json.dumps(listing(2)))
    ids = {'0.png': name_id('0.png'), '1.png': name_id('1.png')}
    assert read_image_list(path) == ids
    twice = [dict(id=1, file_name='a.png'), dict(id=2, file_name='a.png')]
    path.write_text(json.dumps(dict(images=twice)))
    with pytest.raises(ValueError, match='two images have the same file_name'):
        read_image_list(path)
