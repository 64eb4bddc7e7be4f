import numpy as np
import pytest

from ssltoolbox.datasets.seg.codes import LabelCodes


def test_values_become_class_ids_and_the_first_value_is_written_back():
    codes = LabelCodes([[0], [128, 255], [7]])
    raw = np.uint8([[0, 128, 255], [7, 255, 0]])
    classes, moved = codes.encode(raw)
    assert classes.tolist() == [[0, 1, 1], [2, 1, 0]] and not moved.any()
    assert codes.decode(classes).tolist() == [[0, 128, 128], [7, 128, 0]]


def test_ignored_pixels_pass_unless_255_is_a_class():
    raw = np.uint8([[0, 1, 255]])
    codes = LabelCodes([[0], [1]])
    assert codes.encode(raw)[0].tolist() == [[0, 1, 255]]
    assert codes.decode(raw).tolist() == [[0, 1, 255]]
    codes = LabelCodes([[255], [1, 0]])
    assert codes.encode(raw)[0].tolist() == [[1, 1, 0]]
    with pytest.raises(ValueError, match='class 255 cannot be written.*0: 255, 1: 1'):
        codes.decode(raw)


def test_values_of_no_class_are_named_and_counted():
    raw = np.uint8([[0, 3, 255], [3, 9, 0]])
    says = r'the values 3, 9 \(3 of 6 pixels\) belong to no class.*0: 0, 1: 255'
    with pytest.raises(ValueError, match=says):
        LabelCodes([[0], [255]]).encode(raw)
    many = np.arange(40, dtype=np.uint8)[None]
    with pytest.raises(ValueError, match=r'values 1, 2, 3, 4, 5, 6, 7, 8, \.\.\. \(39'):
        LabelCodes([[0], [255]]).encode(many)


def test_near_values_are_snapped_to_the_nearest_class():
    raw = np.uint8([[0, 5, 5, 249, 255]])
    codes = LabelCodes([[0], [255]])
    classes, moved = codes.encode(raw, snap=6)
    assert classes.tolist() == [[0, 0, 0, 1, 1]]
    assert moved[5] == 2 and moved[249] == 1 and moved.sum() == 3
    with pytest.raises(ValueError, match='the values 249'):
        codes.encode(raw, snap=5)


@pytest.mark.parametrize('order', [1, -1])
def test_of_two_equally_near_values_the_smaller_counts(order):
    codes = LabelCodes([[10], [20]][::order])
    value = codes.encode(np.uint8([[15]]), snap=5)[0]
    assert codes.decode(value).item() == 10


def test_values_next_to_255_are_never_taken_for_ignored():
    with pytest.raises(ValueError, match='the values 254'):
        LabelCodes([[0], [1]]).encode(np.uint8([[254]]), snap=100)


@pytest.mark.parametrize(
    'codes, says',
    [
        ([[0], []], r'class 1 has \[\]'),
        ([0, 255], 'class 0 has 0, expected a list'),
        ([[0], [256]], 'class 1 has the value 256'),
        ([[0], [1.0]], 'class 1 has the value 1.0'),
        ([[0], [255, 0]], 'value 0 belongs to class 0 and to class 1'),
        ([[3, 3], [1]], 'value 3 belongs to class 0 and to class 0'),
    ],
)
def test_ambiguous_codes_are_refused(codes, says):
    with pytest.raises(ValueError, match=says):
        LabelCodes(codes)


@pytest.mark.parametrize('class_', [2, -1, 256])
def test_a_class_without_a_value_cannot_be_written(class_):
    with pytest.raises(ValueError, match=f'class {class_} cannot be written'):
        LabelCodes([[0], [255]]).decode(np.array([[0, class_]]))
