import logging

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope

from ssltoolbox.jobs.map_pseudo_label import MapPseudoLabelJob
from ssltoolbox.registry import DATASETS, TASK_UTILS
from ssltoolbox.semi.map_store import MapStore

from ..tasks.whole_images import CHANNELS, MIRROR, SIDE, BlobNetwork


@TASK_UTILS.register_module(force=True)
class Spread:
    """Accept what spreads over more than a number: the images get ever noisier."""

    def __init__(self, above):
        self.above = above

    def confidence(self, raw):
        return raw.flatten(1).std(1)

    def accepts(self, confidence):
        return confidence > self.above


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory):
    torch.manual_seed(0)
    file = tmp_path_factory.mktemp('net') / 'net.pth'
    torch.save({'state_dict': BlobNetwork().state_dict()}, file)
    return str(file)


@pytest.fixture
def job(checkpoint):
    init_default_scope('mmpose')

    def build(above=0.4, **changes):
        fields = dict(
            network=dict(type='ssltoolbox.BlobNetwork'),
            checkpoint=checkpoint,
            dataset=dict(type='ssltoolbox.GreyImages'),
            filter=dict(type='ssltoolbox.Spread', above=above),
            batch_size=2,
            num_workers=0,
        )
        return MapPseudoLabelJob(**{**fields, **changes})

    return build


@pytest.fixture
def stored(tmp_path):
    def run(job, folder='run'):
        outputs = job.run(Config(dict(work_dir=str(tmp_path / folder))))
        assert outputs == {'store': str(tmp_path / folder / 'store')}
        return MapStore.read(outputs['store'])

    return run


@pytest.fixture
def said():
    """What the job logs."""
    lines, handler = [], logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    logger = MMLogger.get_instance('pseudo_label', logger_name='ssltoolbox')
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob('*'))
        if path.is_file()
    }


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


def killed_after(job, images):
    """Let the job end abruptly once so many images were looked at."""
    record = job.record
    seen = 0

    def until(store, ids, *found):
        nonlocal seen
        seen += len(ids)
        # its maps are written, its record is not
        done = record(store, ids, *found)
        if seen > images:
            raise Killed
        return done

    job.record = until
    return job


def test_what_the_network_says_is_stored_where_it_is_trusted(job, stored, checkpoint):
    store = stored(job())
    network = BlobNetwork().eval()
    network.load_state_dict(torch.load(checkpoint, weights_only=True)['state_dict'])
    assert store.known == set(range(10, 17))
    assert 0 < len(store.accepted) < 7
    for sample in DATASETS.build(job().dataset_cfg):
        data = {key: [value] for key, value in sample.items()}
        with torch.no_grad():
            raw = network(network.data_preprocessor(data)['inputs'])
        img_id = sample['data_samples'].img_id
        assert store.confidence[img_id] == pytest.approx(raw.std().item(), rel=1e-5)
        assert (img_id in store.accepted) == (raw.std() > 0.4)
        if img_id in store.accepted:
            maps = torch.from_numpy(store.load(img_id))
            assert maps.shape == (CHANNELS, SIDE, SIDE)
            assert torch.allclose(maps, raw[0], atol=2e-3)


def test_the_store_says_what_made_it(job, stored):
    meta = stored(job()).meta
    assert meta['filter'] == dict(type='ssltoolbox.Spread', above=0.4)
    assert meta['task'] == dict(type='ssltoolbox.BottomupPoseTask')
    assert meta['num_instances'] == 7 and len(meta['checkpoint_sha256']) == 64


@pytest.mark.parametrize('images', [0, 2, 4, 6])
def test_an_interrupted_job_ends_bit_equal(job, stored, tmp_path, images):
    stored(job(), 'whole')
    with pytest.raises(Killed):
        stored(killed_after(job(), images), 'broken')
    assert not (tmp_path / 'broken' / 'store' / 'meta.json').exists()
    stored(job(), 'broken')
    assert files(tmp_path / 'broken') == files(tmp_path / 'whole')
    assert {path.name for path in (tmp_path / 'broken').iterdir()} == {'store'}


def test_a_killed_job_loses_one_batch_at_most(job, stored, said):
    with pytest.raises(Killed):
        stored(killed_after(job(), 4))
    stored(job())
    assert '4 images are labelled already, 3 remain' in said


def test_maps_of_another_filter_are_not_kept(job, stored, tmp_path):
    with pytest.raises(Killed):
        stored(killed_after(job(above=0), 4))
    stored(job(above=0.42))
    stored(job(above=0.42), 'fresh')
    assert files(tmp_path / 'run') == files(tmp_path / 'fresh')


def test_an_older_store_is_not_taken_for_the_new_one(job, stored, tmp_path):
    stored(job())
    with pytest.raises(Killed):
        stored(killed_after(job(above=0.42), 4))
    with pytest.raises(FileNotFoundError, match='meta.json is missing'):
        MapStore.read(tmp_path / 'run' / 'store')


def test_the_summary_counts_and_gives_percentiles(job, stored, said):
    store = stored(job())
    kept, values = len(store.accepted), list(store.confidence.values())
    (line,) = (each for each in said if 'percentiles' in each)
    assert f'accepted {kept} of 7 images, rejected {7 - kept}' in line
    assert f'0%: {min(values):.4g}' in line and f'100%: {max(values):.4g}' in line
    assert f'50%: {np.median(values):.4g}' in line


def test_a_filter_that_rejects_all_names_the_tool_that_chooses_one(job, stored, said):
    store = stored(job(above=99))
    assert not store.accepted and len(store.confidence) == 7
    (line,) = (each for each in said if 'rejected all 7 images' in each)
    assert 'tools/calibrate_filter.py' in line
    assert f'to {max(store.confidence.values()):.4g}' in line


def test_a_view_that_is_not_the_whole_image_is_refused(job, stored):
    dataset = dict(type='ssltoolbox.GreyImages', view=MIRROR)
    with pytest.raises(ValueError, match=r'0\.png is not seen as a whole.*ImageView'):
        stored(job(dataset=dataset))


def test_a_padded_image_is_refused(job, stored):
    padded = dict(type='mmpose.PoseDataPreprocessor', pad_size_divisor=40)
    network = dict(type='ssltoolbox.BlobNetwork', preprocessor=padded)
    with pytest.raises(ValueError, match=r'32 x 32 px was padded to 40 x 40 px'):
        stored(job(network=network))


def test_a_network_that_has_diverged_is_named(job, stored, tmp_path):
    broken = BlobNetwork()
    broken.conv.bias.data.fill_(float('nan'))
    torch.save({'state_dict': broken.state_dict()}, tmp_path / 'broken.pth')
    with pytest.raises(ValueError, match=r'image 10 is nan: .*broken\.pth.*diverged'):
        stored(job(checkpoint=str(tmp_path / 'broken.pth')))


def test_absent_weights_name_the_stage_that_makes_them(job, stored):
    with pytest.raises(FileNotFoundError, match='run the supervised stage first'):
        stored(job(checkpoint='nowhere.pth'))
