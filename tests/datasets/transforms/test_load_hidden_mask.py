import cv2
import numpy as np
import pytest

from ssltoolbox.datasets.few_shot_images import FewShotImageDataset

MASK = np.arange(3, dtype=np.uint8)[:, None].repeat(4, 1)


@pytest.fixture
def folder(tmp_path):
    for name in ('images', 'masks'):
        (tmp_path / name).mkdir()
        for number in range(4):
            image = MASK if name == 'masks' else np.zeros((3, 4, 3), np.uint8)
            cv2.imwrite(str(tmp_path / name / f'{number}.png'), image)
    return tmp_path


def parts(folder, part, *steps):
    return FewShotImageDataset(
        dataset=dict(
            type='ssltoolbox.ImageMaskDataset',
            data_root=str(folder),
            data_prefix=dict(img_path='images', seg_map_path='masks'),
            metainfo=dict(classes=('a', 'b', 'c')),
        ),
        labels=1,
        part=part,
        pipeline=[
            dict(type='ssltoolbox.LoadImage'),
            dict(type='ssltoolbox.LoadMask'),
            *steps,
            dict(type='ssltoolbox.ImageView', input_size=(8, 6)),
            dict(type='ssltoolbox.PackSegView'),
        ],
    )


HIDDEN = dict(type='ssltoolbox.LoadHiddenMask')


def test_a_hidden_mask_is_the_truth_of_the_view_and_no_label(folder):
    made = parts(folder, 'unlabelled', HIDDEN)
    assert len(made) == 3
    record = made.get_data_info(0)
    assert 'seg_map_path' not in record and record['truth_seg_map_path']
    sample = made[0]['data_samples']
    assert 'gt_sem_seg' not in sample and not sample.labelled
    assert np.array_equal(sample.truth_sem_seg.data[0], MASK.repeat(2, 0).repeat(2, 1))


def test_nothing_is_read_unless_it_is_asked_for_or_where_there_is_a_label(folder):
    assert 'truth_sem_seg' not in parts(folder, 'unlabelled')[0]['data_samples']
    sample = parts(folder, 'labelled', HIDDEN)[0]['data_samples']
    assert 'gt_sem_seg' in sample and 'truth_sem_seg' not in sample


def test_a_hidden_mask_that_is_wrong_is_named(folder):
    cv2.imwrite(str(folder / 'masks' / '2.png'), np.zeros((9, 9), np.uint8))
    with pytest.raises(ValueError, match=r'2\.png has shape \(9, 9\)'):
        parts(folder, 'unlabelled', HIDDEN)[1]
