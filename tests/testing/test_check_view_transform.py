"""Each property of views is missed in a transform that lacks it."""

import cv2
import numpy as np
import pytest

from ssltoolbox.datasets.transforms.crop_view import CropView
from ssltoolbox.datasets.transforms.image_view import RandomImageView
from ssltoolbox.testing import check_view_transform
from ssltoolbox.testing.properties.views import VIEWS

from .broken import assert_complete, assert_named

SIZE = (48, 40)


class Sound(RandomImageView):
    """Mirrored, turned and shifted."""

    def __init__(self, **fields):
        super().__init__(SIZE, exchange_sides=True, **fields)

    def transform(self, results):
        return self.spoil(super().transform(results))

    def spoil(self, made):
        return made


class Demanding(Sound):
    def transform(self, results):
        return super().transform(results | dict(img=results['photograph']))


class TwoRows(Sound):
    def spoil(self, made):
        return made | dict(view=made['view'][:2])


class Transposed(Sound):
    def spoil(self, made):
        return made | dict(img=made['img'].transpose(1, 0, 2))


class HalfAPixel(Sound):
    """Coordinates of corners in place of centres, as is often seen."""

    def spoil(self, made):
        moved = made['view'].copy()
        moved[:2, 2] += 0.5
        points = made['transformed_keypoints'] + 0.5 if 'keypoints' in made else None
        return made | dict(view=moved, transformed_keypoints=points)


class StillMask(Sound):
    def look(self, results, change=None):
        mask = results.get('gt_seg_map')
        made = super().look(results, change)
        if mask is not None:
            made['gt_seg_map'] = cv2.resize(mask, SIZE, interpolation=0)
        return made


class StillPoints(Sound):
    def spoil(self, made):
        if 'keypoints' in made:
            made['transformed_keypoints'] = made['keypoints'].copy()
        return made


class StillMaps(Sound):
    def _resample_maps(self, maps, change):
        return maps


class OneSided(Sound):
    """Left stays left in the mirror, although it is exchanged elsewhere."""

    def spoil(self, made):
        if 'keypoints' in made and made['flip']:
            order = list(made['flip_indices'])
            made['transformed_keypoints'] = made['transformed_keypoints'][:, order]
        return made


class OwnNumbers(Sound):
    drawn = np.random.default_rng(0)

    def transform(self, results):
        self.translation = float(self.drawn.uniform(0, 9))
        return super().transform(results)


class Painting(Sound):
    def transform(self, results):
        results['img'][:] = results['img'] // 2 * 2
        results['img'][0] = 7
        return super().transform(results)


class Unsendable(Sound):
    def __init__(self):
        super().__init__()
        self.rule = lambda value: value


BROKEN = {
    'it takes a record with a box and keypoints, or one with masks': Demanding,
    'the view is an invertible affine matrix': TwoRows,
    'the image has the size that input_size says': Transposed,
    'the picture is where the matrix says': HalfAPixel,
    'masks move as the picture does': StillMask,
    'keypoints move as the picture does': StillPoints,
    'stored maps move as the picture does': StillMaps,
    'a point moves from one view into another, and back': OneSided,
    'equal seeds give equal views': OwnNumbers,
    'the image it got stays as it is': Painting,
    'it can be sent to the workers of a data loader': Unsendable,
}


@pytest.mark.parametrize('name', BROKEN)
def test_a_view_without_the_property_is_caught(name):
    view = BROKEN[name]
    assert_named(lambda: check_view_transform(view()), VIEWS, name, view.__name__)


def test_every_property_has_its_broken_example():
    assert_complete(VIEWS, BROKEN)


def test_a_sound_view_passes():
    check_view_transform(Sound())


def test_a_record_of_ones_own_may_be_refused():
    record = dict(img=np.zeros((5, 5, 3), np.uint8))
    with pytest.raises(AssertionError, match="it takes a record.*: KeyError: 'bbox_s"):
        check_view_transform(CropView(SIZE), record)
