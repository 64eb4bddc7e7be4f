import json
import logging

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope
from scipy.ndimage import zoom

from ssltoolbox.datasets.transforms.branches import branch_collate
from ssltoolbox.registry import DATASETS
from ssltoolbox.semi.map_store import MapStore
from ssltoolbox.semi.mask_store import MaskStore
from ssltoolbox.utils.digest import name_id

from .coloured_images import (
    SIZES,
    RedNetwork,
    files,
    fusion_job,
    member,
    save_network,
    viewed,
    write_images,
)

NAMES = [f'{number:02}' for number in range(len(SIZES))]
IDS = {name: name_id(f'{name}.png') for name in NAMES}
VIEWS = ['flip_ud', 'rotate_180', 'median_blur']


@pytest.fixture(scope='module')
def images(tmp_path_factory):
    return write_images(tmp_path_factory.mktemp('data'))


@pytest.fixture(scope='module')
def weights(tmp_path_factory):
    """Files of a sure, an unsure and an opposite network."""
    folder = tmp_path_factory.mktemp('nets')
    kinds = dict(sure=8.0, unsure=2.0, opposite=-8.0)
    return {n: save_network(folder / f'{n}.pth', gain) for n, gain in kinds.items()}


@pytest.fixture
def run(tmp_path, images, weights):
    init_default_scope('mmpose')

    def annotate(members=('sure',), views=(), folder='run', change=None, **fields):
        members = [m if isinstance(m, dict) else member(weights[m]) for m in members]
        job = fusion_job(images, members, views, **fields)
        outputs = (change(job) if change else job).run(
            Config(dict(work_dir=str(tmp_path / folder)))
        )
        assert outputs == {'store': str(tmp_path / folder / 'store')}
        return (MapStore if fields.get('soft') else MaskStore).read(outputs['store'])

    return annotate


@pytest.fixture
def said():
    """What the job logs."""
    lines, handler = [], logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    logger = MMLogger.get_instance('pseudo_label', logger_name='ssltoolbox')
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


def shares(images, weights, names, views=()):
    """Mean probability of class 1 in the plain view, of each image, by hand."""
    dataset = DATASETS.build(viewed(images, views))
    found = []
    for sample in dataset:
        data, votes = branch_collate([sample]), []
        for view, planes in data['inputs'].items():
            for name in names:
                network = RedNetwork().eval()
                network.load_state_dict(torch.load(weights[name])['state_dict'])
                red = planes[0][2].numpy() / 255
                gain = network.decode_head.weight[1, 0].item()
                share = 1 / (1 + np.exp(-gain * (red - 0.5)))
                turns = {'flip_ud': (0,), 'rotate_180': (0, 1)}.get(view, ())
                votes.append(np.flip(share, turns))
        found.append((sample['data_samples']['plain'], np.array(votes)))
    return found


def test_the_label_is_that_of_the_unchanged_image_in_its_own_size(run, images):
    """Of every image, and not of the last one, or of a view, as in the original."""
    store = run(views=VIEWS)
    assert len(store.accepted) == len(SIZES) == len(store.known)
    for name in NAMES:
        image = cv2.imread(str(images / 'images' / f'{name}.png'))
        classes, confidence = store.load(IDS[name])
        assert classes.shape == confidence.shape == image.shape[:2]
        red = image[..., 2] > 127
        # resizing blurs the edge by a pixel or two
        assert (classes == red).mean() > 0.9
        inner = cv2.erode(red.astype(np.uint8), np.ones((7, 7))) > 0
        outer = cv2.dilate(red.astype(np.uint8), np.ones((7, 7))) == 0
        assert classes[inner].all() and not classes[outer].any()


def test_numbers_are_those_of_a_mean_made_by_hand(run, images, weights):
    store = run(('sure', 'unsure'), VIEWS)
    for sample, votes in shares(images, weights, ('sure', 'unsure'), VIEWS):
        mean, image = votes.mean(0), store.images[sample.img_id]
        disputed = ((votes > 0.5) != (mean > 0.5)).any(0).mean()
        assert image['disagreement'] == pytest.approx(disputed, abs=1e-6)
        if sample.ori_shape == mean.shape:
            classes, confidence = store.load(sample.img_id)
            expected = np.maximum(mean, 1 - mean)
            assert (classes == (mean > 0.5)).all()
            assert np.abs(confidence - 255 * expected).max() <= 0.51
            assert image['confidence'] == pytest.approx(expected.mean(), abs=1e-6)


def test_probabilities_are_enlarged_before_the_class_is_chosen(run, images, weights):
    sample, votes = shares(images, weights, ['sure'])[3]
    (height, width), mean = sample.ori_shape, votes.mean(0)
    factors = (height / mean.shape[0], width / mean.shape[1])
    enlarged = zoom(mean, factors, order=1, mode='nearest', grid_mode=True)
    classes, confidence = run().load(sample.img_id)
    assert (classes == (enlarged > 0.5)).all()
    expected = 255 * np.maximum(enlarged, 1 - enlarged)
    assert np.abs(confidence - expected).max() <= 0.51


def test_weights_decide_between_opposite_members(run, weights):
    def labels(*counts):
        members = [
            member(weights[name], count)
            for name, count in zip(('sure', 'opposite'), counts, strict=True)
        ]
        store = run(members, folder=str(counts))
        return np.concatenate([store.load(i)[0].ravel() for i in IDS.values()])

    first, second = labels(3.0, 1.0), labels(0.2, 0.9)
    assert (first == 1 - second).all() and 0 < first.mean() < 1


def test_members_may_have_maps_of_other_sizes(run, weights):
    one, two = run(), run(('sure', member(weights['sure'], stride=2)), folder='two')
    for i in IDS.values():
        assert (one.load(i)[0] == two.load(i)[0]).mean() > 0.85


def test_pixels_below_the_threshold_are_ignored(run):
    whole, sure = run(('unsure',)), run(('unsure',), folder='sure', threshold=0.7)
    assert sure.accepted
    for i in IDS.values():
        (classes, confidence), (kept, same) = whole.load(i), sure.load(i)
        assert (confidence == same).all()
        low = confidence < 255 * 0.7 - 1
        high = confidence > 255 * 0.7 + 1
        assert (kept[low] == 255).all() and (kept[high] == classes[high]).all()
        share = (kept != 255).mean()
        assert sure.images[i]['kept'] == pytest.approx(share) and share < 1


def test_disputed_images_are_rejected_and_can_still_be_seen(run):
    views = ['equalize']
    store = run(('unsure',), views)
    values = {i: image['disagreement'] for i, image in store.images.items()}
    limit = sorted(values.values())[3]
    strict = run(('unsure',), views, folder='strict', max_disagreement=limit)
    assert set(strict.accepted) == {i for i, v in values.items() if v <= limit}
    assert len(strict.accepted) < len(IDS)
    for i in IDS.values():
        assert (strict.load(i)[0] == store.load(i)[0]).all()


def test_soft_labels_go_to_a_map_store_in_the_size_of_the_maps(run, images, weights):
    store = run(soft=True)
    assert store.meta['map_shape'] == (2, 24, 32)
    for sample, votes in shares(images, weights, ['sure']):
        maps = store.load(sample.img_id)
        assert np.abs(maps[1] - votes.mean(0)).max() < 1e-3
        assert np.allclose(maps.sum(0), 1, atol=2e-3)
    small = run([member(weights['sure'], stride=2)], soft=True, folder='small')
    assert small.meta['map_shape'] == (2, 12, 16)


def test_soft_labels_of_disputed_images_are_not_kept(run):
    store = run(('sure', 'opposite'), soft=True, max_disagreement=0.5)
    assert store.known == set(IDS.values()) and not store.accepted


def test_the_store_says_what_made_it(run, tmp_path, weights):
    members = [member(weights['sure'], 0.75), member(weights['unsure'])]
    run(members, ['gamma', dict(type='gamma', name='dark', exponent=2.0)])
    meta = json.loads((tmp_path / 'run' / 'store' / 'meta.json').read_text())
    assert [m['weight'] for m in meta['members']] == [0.75, 1.0]
    assert all(len(m['checkpoint_sha256']) == 64 for m in meta['members'])
    assert meta['views'] == ['gamma', dict(type='gamma', name='dark', exponent=2.0)]
    assert meta['threshold'] == 0 and meta['max_disagreement'] is None
    image = meta['images'][str(IDS['02'])]
    assert image['name'] == '02' and image['accepted'] and image['kept'] == 1
    assert set(image['bytes']) == {'masks', 'confidence'}


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


@pytest.mark.parametrize(('pictures', 'soft'), [(1, False), (5, False), (4, True)])
def test_an_interrupted_job_ends_bit_equal(run, tmp_path, pictures, soft):
    def kill(job):
        write, left = job.output.write, pictures

        def until(*args):
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed
            write(*args)

        job.output.write = until
        return job

    fields = dict(views=VIEWS, soft=soft)
    run(folder='whole', **fields)
    with pytest.raises(Killed):
        run(folder='broken', change=kill, **fields)
    assert not (tmp_path / 'broken' / 'store' / 'meta.json').exists()
    run(folder='broken', **fields)
    assert files(tmp_path / 'broken') == files(tmp_path / 'whole')
    left = {path.name for path in (tmp_path / 'broken').iterdir()}
    assert left == {'store', 'pseudo_labels.jpg'}


def test_labels_of_other_views_are_made_anew(run, tmp_path):
    run(views=['gamma'])
    run(views=VIEWS)
    run(views=VIEWS, folder='fresh')
    assert files(tmp_path / 'run') == files(tmp_path / 'fresh')


def test_the_sheet_and_the_log_tell_how_it_went(run, tmp_path, said):
    run(('unsure',), ['equalize'], threshold=0.6)
    sheet = cv2.imread(str(tmp_path / 'run' / 'pseudo_labels.jpg'))
    # seven rows of three cells
    assert sheet.shape[0] > 7 * 210 and sheet.shape[1] == 3 * 290 - 10 + 40
    (line,) = (each for each in said if 'accepted 7 of 7 images' in each)
    assert 'of confidence: 0.' in line and '% of the pixels have a class' in line


def test_nothing_left_is_said_aloud(run, said):
    store = run(('unsure',), threshold=0.99)
    assert not store.accepted and len(store.known) == 7
    (line,) = (each for each in said if 'all 7 images were rejected' in each)
    assert '7 have no pixel above threshold' in line and 'lower threshold' in line


def test_a_diverged_member_is_named(run, weights, tmp_path):
    broken = member(save_network(tmp_path / 'broken.pth', float('nan')))
    with pytest.raises(ValueError, match='member 2 gives numbers.*not finite'):
        run(('sure', broken), ['flip_ud'])


def test_members_of_other_classes_are_refused(run, tmp_path):
    three = member(save_network(tmp_path / 'three.pth', classes=3), classes=3)
    with pytest.raises(ValueError, match=r'tell \[2, 3\] classes apart'):
        run(('sure', three))
    with pytest.raises(ValueError, match=r'3 classes apart, the data set has 2: back'):
        run((three,))


def test_a_weight_that_is_not_known_says_why(run, weights):
    with pytest.raises(
        ValueError, match='no weight: its stage made no score.*weight=1'
    ):
        run([member(weights['sure'], None)])
    for weight in (0.0, -1.0, float('nan')):
        with pytest.raises(ValueError, match=f'the weight {weight}, expected a finite'):
            run([member(weights['sure'], weight)])


def test_absent_weights_name_the_member(run):
    with pytest.raises(FileNotFoundError, match='run the supervised.*of member 2'):
        run(('sure', member('nowhere.pth')))


def test_a_padded_image_is_refused(run, weights):
    with pytest.raises(ValueError, match='32 x 24 px was padded to 40 x 40 px'):
        run([member(weights['sure'], pad=40)])


@pytest.mark.parametrize(
    ('fields', 'told'),
    [
        (dict(threshold=1.0), r'threshold must be in \[0, 1\), got 1.0'),
        (dict(max_disagreement=1.5), r'share in \[0, 1\] or None, got 1.5'),
        (dict(soft=True, threshold=0.5), 'soft=True makes no masks: set threshold=0'),
    ],
)
def test_fields_out_of_range_are_refused(run, fields, told):
    with pytest.raises(ValueError, match=told):
        run(**fields)


@pytest.mark.parametrize(
    ('members', 'told'),
    [
        ([], r'one or more dict\(network=..., checkpoint=..., weight=1.0\), got \[\]'),
        (
            [dict(network={}, weigth=2)],
            'member 1 has no checkpoint and takes no weigth',
        ),
    ],
)
def test_members_of_another_kind_are_refused(run, members, told):
    with pytest.raises(ValueError, match=told):
        run(members)


def test_a_pipeline_without_views_is_refused(run, images):
    dataset = viewed(images)
    dataset['pipeline'] = dataset['pipeline'][:2]
    with pytest.raises(TypeError, match=r'must end with ssltoolbox.ViewSet.*LoadMask'):
        run(dataset=dataset)
