import json

import numpy as np
import pytest
from PIL import Image

from ssltoolbox.datasets.seg.convert import convert
from ssltoolbox.datasets.seg.pairs import Pair

CLASSES = ('background', 'tumour')


def save(path, array):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(array, np.uint8)).save(path)
    return path


def converted(pairs, out, codes=((0,), (255, 1)), snap=0):
    return convert(pairs, out, CLASSES, codes, 'test', snap)


def mask_of(out, name):
    return np.array(Image.open(out / 'masks' / f'{name}.png')).tolist()


def test_masks_of_an_image_are_merged_and_absent_ones_are_empty(tmp_path):
    image = save(tmp_path / 'a.JPG', np.zeros((1, 4, 3)))
    masks = [
        save(tmp_path / 'm.png', [[0, 255, 0, 0]]),
        save(tmp_path / 'm_1.bmp', [[0, 1, 1, 0]]),
    ]
    pairs = [
        Pair('x/a', image, tuple(masks), 'p1', 'benign'),
        Pair('y/a', image, (), 'p2', 'normal'),
    ]
    out = tmp_path / 'out'
    done = converted(pairs, out)
    assert mask_of(out, 'x/a') == [[0, 255, 255, 0]]
    assert mask_of(out, 'y/a') == [[0, 0, 0, 0]]
    assert (out / 'images/x/a.jpg').read_bytes() == image.read_bytes()
    assert done.summary() == f'{out}: 2 images of 2 groups'
    content = json.loads((out / 'annotations/all.json').read_text())
    names = {c['id']: c['name'] for c in content['categories']}
    shown = [names[a['category_id']] for a in content['annotations']]
    assert shown == ['benign: background + tumour', 'normal: background']
    assert [i['group'] for i in content['images']] == ['p1', 'p2']


def test_what_was_snapped_is_told(tmp_path):
    image = save(tmp_path / 'a.png', np.zeros((1, 4)))
    mask = save(tmp_path / 'm.png', [[3, 255, 100, 250]])
    with pytest.raises(ValueError, match=r'm.png: the values 3, 100, 250 \(3 of 4'):
        converted([Pair('a', image, (mask,))], tmp_path / 'no', [[0], [255]])
    assert not (tmp_path / 'no').exists()
    done = converted([Pair('a', image, (mask,))], tmp_path / 'out', [[0], [255]], 127)
    assert mask_of(tmp_path / 'out', 'a') == [[0, 255, 0, 255]]
    text = done.summary()
    assert '1 masks had values that no class has: 3 pixels (75.00%) of 3 values' in text
    assert '1 of them more than 32 grey levels away' in text and 'm.png' in text


def test_nothing_is_overwritten_and_a_failed_run_leaves_nothing(tmp_path):
    image = save(tmp_path / 'a.png', np.zeros((2, 4)))
    mask = save(tmp_path / 'm.png', [[0, 0]])
    out = tmp_path / 'data' / 'out'
    with pytest.raises(ValueError, match='m.png is 2 x 1 pixels, its image .* 4 x 2'):
        converted([Pair('b', image), Pair('a', image, (mask,))], out)
    assert not list((tmp_path / 'data').iterdir())
    converted([Pair('a', image)], out)
    with pytest.raises(FileExistsError, match='nothing is overwritten'):
        converted([Pair('b', image)], out)
    assert mask_of(out, 'a') == [[0] * 4] * 2
