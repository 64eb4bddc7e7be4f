"""Each property of data sets is missed in a data set that lacks it."""

import numpy as np
import pytest
from PIL import Image
from torch.utils.data import Dataset

from ssltoolbox.testing import check_dataset
from ssltoolbox.testing.properties.datasets import SETS

from .broken import assert_complete, assert_named

FLIPS = np.random.default_rng(0)


class Sound(Dataset):
    """Four images; the last two are unlabelled."""

    metainfo = dict(classes=('a', 'b'))

    def __init__(self, folder):
        self.paths = [str(folder / f'{i}.png') for i in range(4)]
        for i, path in enumerate(self.paths):
            Image.new('L', (8, 6), 10 * i).save(path)

    def __len__(self):
        return len(self.paths)

    def get_data_info(self, index):
        mask = self.paths[index] if index < 2 else None
        return dict(
            id=index,
            img_path=self.paths[index],
            labelled=index < 2,
            seg_map_path=mask,
        )

    def __getitem__(self, index):
        record = self.get_data_info(index)
        image = np.asarray(Image.open(record['img_path']))
        return record | dict(img=image[:: np.random.choice([-1, 1])])

    @property
    def ids(self):
        return np.array([self.get_data_info(i)['id'] for i in range(len(self))])


class Nameless(Sound):
    metainfo = None


class Halved(Sound):
    def get_data_info(self, index):
        return super().get_data_info(index) | dict(id=index // 2)


class Absent(Sound):
    def get_data_info(self, index):
        made = super().get_data_info(index)
        return made | dict(img_path=made['img_path'].replace('3.png', '4.png'))


class OwnNumbers(Sound):
    def __getitem__(self, index):
        return super().__getitem__(index) | dict(flip=FLIPS.random())


class Leaking(Sound):
    def get_data_info(self, index):
        return super().get_data_info(index) | dict(
            keypoints_visible=np.ones((1, 5), np.float32)
        )


class Unsendable(Sound):
    def __init__(self, folder):
        super().__init__(folder)
        self.rule = lambda value: value


BROKEN = {
    'it has samples and says what they are': Nameless,
    'every sample has an id of its own': Halved,
    'images exist and can be read': Absent,
    'a sample under a seed is always the same': OwnNumbers,
    'an unlabelled record carries no label': Leaking,
    'no image of the evaluation is in it': Sound,
    'it can be sent to the workers of a data loader': Unsendable,
}


@pytest.mark.parametrize('name', BROKEN)
def test_a_data_set_without_the_property_is_caught(name, tmp_path):
    kind = BROKEN[name]
    evaluation = [Sound(tmp_path)] if kind is Sound else []
    assert_named(
        lambda: check_dataset(kind(tmp_path), evaluation), SETS, name, kind.__name__
    )


def test_every_property_has_its_broken_example():
    assert_complete(SETS, BROKEN)


def test_a_sound_data_set_passes(tmp_path):
    (tmp_path / 'other').mkdir()
    check_dataset(Sound(tmp_path), [Sound(tmp_path / 'other')])


class WithMasks(Sound):
    by_network = False

    def get_data_info(self, index):
        mask = dict(seg_map_path=self.paths[index], pseudo_labelled=self.by_network)
        return super().get_data_info(index) | mask


class WithMadeMasks(WithMasks):
    by_network = True


def test_masks_of_unlabelled_images_are_those_of_a_network(tmp_path):
    with pytest.raises(AssertionError, match='record 2 has seg_map_path'):
        check_dataset(WithMasks(tmp_path))
    check_dataset(WithMadeMasks(tmp_path))


def test_a_damaged_image_is_named(tmp_path):
    made = Sound(tmp_path)
    (tmp_path / '3.png').write_bytes(b'')
    with pytest.raises(AssertionError, match='can be read: Unidentified.*3.p'):
        check_dataset(made)
