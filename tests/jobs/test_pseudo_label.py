import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from ssltoolbox.jobs.pseudo_label import PosePseudoLabelJob
from ssltoolbox.registry import DATASETS, MODELS
from ssltoolbox.semi.store import LabelStore
from ssltoolbox.testing.tiny_pose import tiny_network

NETWORK = tiny_network(num_keypoints=17)


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory):
    torch.manual_seed(0)
    network = MODELS.build(NETWORK)
    torch.nn.init.normal_(network.head.final_layer.weight)
    file = tmp_path_factory.mktemp('net') / 'net.pth'
    torch.save({'state_dict': network.state_dict()}, file)
    return str(file)


@pytest.fixture
def job(toy, checkpoint):
    init_default_scope('mmpose')
    dataset = dict(
        type='ssltoolbox.APTenKDataset',
        data_root=str(toy),
        subset='train',
        pipeline=[
            dict(type='ssltoolbox.LoadImage'),
            dict(type='mmpose.GetBBoxCenterScale'),
            dict(type='ssltoolbox.CropView', input_size=(64, 64)),
            dict(type='ssltoolbox.PackPoseView'),
        ],
    )
    tta = dict(type='ssltoolbox.PoseTTA', num_transforms=2)
    fields = dict(dataset=dataset, tta=tta, batch_size=8, num_workers=0)

    def build(**changes):
        fields_ = {'network': NETWORK, 'checkpoint': checkpoint, **fields, **changes}
        return PosePseudoLabelJob(**fields_)

    return build


@pytest.fixture
def stored(tmp_path):
    def run(job, folder):
        outputs = job.run(Config(dict(work_dir=str(tmp_path / folder))))
        assert outputs == {'store': str(tmp_path / folder / 'store')}
        return LabelStore.read(outputs['store'])

    return run


def files(folder):
    return {p.name: p.read_bytes() for p in (folder / 'store').iterdir()}


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


def killed_after(job, batches):
    """Let the job end abruptly once so many batches are labelled."""
    predict = job.predict

    def until(network, loader):
        for number, result in enumerate(predict(network, loader)):
            if number == batches:
                raise Killed
            yield result

    job.predict = until
    return job


def test_every_instance_gets_a_label_inside_its_neighbourhood(job, stored):
    store = stored(job(), 'run')
    assert len(store.ids) >= 24 and store.scores.shape[1:] == (17,)
    assert (np.abs(store.keypoints) < 400).all()
    assert store.meta['num_instances'] == len(store.ids)
    assert len(store.meta['checkpoint_sha256']) == 64
    assert store.meta['tta']['num_transforms'] == 2
    assert 'ap10k-train-split1.json' in str(store.meta['dataset'])


@pytest.mark.parametrize('batches', [0, 1, 2])
def test_an_interrupted_job_ends_bit_equal(job, stored, tmp_path, batches):
    stored(job(), 'whole')
    with pytest.raises(Killed):
        stored(killed_after(job(), batches), 'broken')
    assert not (tmp_path / 'broken' / 'store').exists()
    stored(job(), 'broken')
    assert files(tmp_path / 'broken') == files(tmp_path / 'whole')
    left = {p.name for p in (tmp_path / 'broken').iterdir()}
    assert left == {'store'}


def test_only_what_remains_is_labelled(job, stored, monkeypatch):
    with pytest.raises(Killed):
        stored(killed_after(job(), 2), 'run')
    second = job()
    seen = []
    predict = second.predict

    def count(network, loader):
        for result in predict(network, loader):
            seen.extend(result[0])
            yield result

    second.predict = count
    store = stored(second, 'run')
    assert len(seen) == len(store.ids) - 16


def test_records_of_other_weights_are_not_reused(job, stored, tmp_path, checkpoint):
    with pytest.raises(Killed):
        stored(killed_after(job(), 2), 'run')
    other = torch.load(checkpoint, weights_only=True)
    other['state_dict']['head.final_layer.bias'] += 1
    torch.save(other, tmp_path / 'other.pth')
    changed = stored(job(checkpoint=str(tmp_path / 'other.pth')), 'run')
    fresh = stored(job(checkpoint=str(tmp_path / 'other.pth')), 'fresh')
    assert np.array_equal(changed.scores, fresh.scores)


@pytest.mark.parametrize(
    'fields', [dict(batch_size=1), dict(batch_size=5), dict(num_workers=1)]
)
def test_labels_do_not_depend_on_batches_and_workers(job, stored, fields):
    first, second = stored(job(), 'first'), stored(job(**fields), 'second')
    assert np.array_equal(first.ids, second.ids)
    assert np.allclose(first.scores, second.scores, atol=1e-4)
    # the peak of two cells that are nearly equal may fall to either
    moved = np.abs(first.keypoints - second.keypoints).max(-1) > 1e-2
    assert moved.mean() < 0.01


def test_a_peak_comes_back_at_its_place_in_the_image(job, stored, monkeypatch):
    def peak(self, forward, crops, draws, flip):
        maps = torch.zeros(len(crops), 17, 16, 16)
        maps[:, :, 8, 4] = 0.5
        return maps

    monkeypatch.setattr('ssltoolbox.tasks.pose_tta.PoseTTA.__call__', peak)
    store = stored(job(), 'run')
    dataset = DATASETS.build({**job().dataset_cfg, 'pipeline': []})
    for i in range(3):
        record = dataset.get_data_info(i)
        x1, y1, x2, y2 = record['bbox'][0]
        side = 1.25 * max(x2 - x1, y2 - y1)
        # cell (4, 8) is crop pixel (16, 32): a quarter from the left, half way down
        expected = ((x1 + x2) / 2 - side / 4, (y1 + y2) / 2)
        row = store.lookup([record['id']])[0]
        assert store.keypoints[row, 0] == pytest.approx(expected, abs=0.01)
        assert store.scores[row, 0] == 0.5


def test_absent_weights_name_the_stage_that_makes_them(job, stored):
    for checkpoint in (None, 'nowhere.pth'):
        with pytest.raises(FileNotFoundError, match='run the supervised stage first'):
            stored(job(checkpoint=checkpoint), 'run')
