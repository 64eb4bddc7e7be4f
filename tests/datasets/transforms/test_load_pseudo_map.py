import numpy as np
import pytest

from ssltoolbox.registry import TRANSFORMS
from ssltoolbox.semi.map_file import map_file, write_maps


@pytest.fixture
def load():
    return TRANSFORMS.build(dict(type='ssltoolbox.LoadPseudoMap'))


@pytest.fixture
def record(tmp_path):
    write_maps(tmp_path / 'store', 7, np.arange(8).reshape(2, 2, 2) / 4)
    return dict(img_id=7, pseudo_maps=str(map_file(tmp_path / 'store', 7)))


def test_the_maps_of_a_record_are_read(load, record):
    done = load(dict(record))
    maps = done['pseudo_map']
    assert maps.dtype == np.float32 and maps.flags.writeable
    assert maps.ravel().tolist() == [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75]


@pytest.mark.parametrize('more', [{}, {'pseudo_maps': None}])
def test_a_record_without_stored_maps_passes(load, more):
    assert 'pseudo_map' not in load({'img_id': 7, **more})


def test_the_maps_of_another_image_are_refused(load, record):
    with pytest.raises(ValueError, match='holds image 7, not 8'):
        load({**record, 'img_id': 8})


def test_absent_maps_name_the_stage_that_makes_them(load, record):
    with pytest.raises(FileNotFoundError, match='run the pseudo_label stage'):
        load({**record, 'pseudo_maps': record['pseudo_maps'] + 'x'})
