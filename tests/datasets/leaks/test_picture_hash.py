import cv2
import numpy as np
import pytest

from ssltoolbox.datasets.leaks.picture_hash import (
    FLAT,
    OK,
    UNREADABLE,
    picture_hash,
)

from .pictures import texture


def distance(one, two):
    (a, _), (b, _) = picture_hash(str(one)), picture_hash(str(two))
    return int(np.unpackbits(a ^ b).sum())


@pytest.fixture
def original(tmp_path):
    path = tmp_path / 'original.png'
    cv2.imwrite(str(path), texture(0))
    return path


@pytest.mark.parametrize(
    'name, change',
    [
        ('same.png', lambda image: image),
        ('jpeg.jpg', lambda image: image),
        ('half.png', lambda image: cv2.resize(image, (80, 60))),
        ('double.png', lambda image: cv2.resize(image, (320, 240))),
        ('grey.png', lambda image: cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)),
    ],
)
def test_copies_in_another_format_or_size_have_almost_the_same_bits(
    original, tmp_path, name, change
):
    cv2.imwrite(str(tmp_path / name), change(texture(0)))
    assert distance(original, tmp_path / name) <= 6


def test_other_pictures_differ_in_about_half_of_the_bits(original, tmp_path):
    cv2.imwrite(str(tmp_path / 'other.png'), texture(1))
    assert 90 < distance(original, tmp_path / 'other.png') < 166


def test_sixteen_bits_are_no_white_picture(original, tmp_path):
    deep = cv2.cvtColor(texture(0), cv2.COLOR_BGR2GRAY).astype(np.uint16) * 16
    cv2.imwrite(str(tmp_path / 'deep.png'), deep)
    assert distance(original, tmp_path / 'deep.png') <= 6


def test_pictures_without_contrast_and_damaged_ones_are_told_apart(original, tmp_path):
    cv2.imwrite(str(tmp_path / 'black.png'), np.zeros((50, 50, 3), np.uint8))
    (tmp_path / 'torn.png').write_bytes(original.read_bytes()[:40])
    names = original, tmp_path / 'black.png', tmp_path / 'torn.png', tmp_path / 'no.png'
    states = [picture_hash(str(path))[1] for path in names]
    assert states == [OK, FLAT, UNREADABLE, UNREADABLE]
