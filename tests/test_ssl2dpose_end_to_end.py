"""SSL-2D-Pose on a few generated frames: whole, killed, measured, used and refused."""

import gc
import json
import shutil
from pathlib import Path

import cv2
import pytest
import torch
from mmengine.config import Config

from ssltoolbox.apis.train import train
from ssltoolbox.checkpoints.loading import load_checkpoint_file
from ssltoolbox.semi.map_store import MapStore

from .interruption import stage_states, train_and_kill, train_until

CONFIGS = Path(__file__).parents[1] / 'configs' / 'ssl2dpose'
PSEUDO = CONFIGS / 'daunet_toyinstruments_pseudo-label.py'
BOTH = CONFIGS / 'daunet_toyinstruments_vat-mean-teacher.py'
NETWORKS = {'student', 'teacher'}


@pytest.fixture(scope='module', autouse=True)
def quick():
    """Leave out what takes longer than the training, and changes nothing of it."""
    gc.freeze()  # data sets collect the garbage of the whole process
    with pytest.MonkeyPatch.context() as patch:
        unformatted = lambda text, **_: (text, False)  # noqa: E731
        patch.setattr('yapf.yapflib.yapf_api.FormatCode', unformatted)
        yield
    gc.unfreeze()


@pytest.fixture(scope='module')
def options(tiny_instruments):
    """Whatever the first stage says is accepted: it has hardly learnt anything."""
    return tiny_instruments | {'accept': [[0, None]], 'pseudo_label_job.batch_size': 2}


@pytest.fixture(scope='module')
def pseudo(options, tmp_path_factory):
    """Folder and outputs of supervised, pseudo_label and semi."""
    folder = tmp_path_factory.mktemp('pseudo')
    return folder, train(PSEUDO, work_dir=folder, options=options)


@pytest.fixture(scope='module')
def both(tiny_instruments, tmp_path_factory):
    """Folder of VAT with a mean teacher, and outputs of its last stage."""
    folder = tmp_path_factory.mktemp('both')
    return folder, train(BOTH, work_dir=folder, options=tiny_instruments)['semi']


def weights(path):
    return load_checkpoint_file(path)['state_dict']


def assert_equal(first, second):
    first, second = weights(first), weights(second)
    assert first.keys() == second.keys()
    for key, value in first.items():
        assert torch.equal(value, second[key]), key


def scalars(folder):
    (log,) = (folder / 'semi').glob('*/vis_data/scalars.json')
    return [json.loads(line) for line in log.read_text().splitlines()]


def arguments(options):
    """The options as they are given to a tool."""
    simple = {k: v for k, v in options.items() if 'vis_backends' not in k}
    return ['--cfg-options', *(f'{k}={v}'.replace(' ', '') for k, v in simple.items())]


def test_all_stages_leave_their_results(pseudo):
    folder, outputs = pseudo
    assert stage_states(folder) == dict.fromkeys(outputs, 'done')
    assert list(outputs) == ['supervised', 'pseudo_label', 'semi']
    store = MapStore.read(outputs['pseudo_label']['store'])
    # half of the two frames of each of four videos
    assert len(store.known) == len(store.accepted) == 4
    assert store.load(min(store.accepted)).shape == (9, 32, 40)
    assert store.meta['dataset'] == ['instruments']
    for key, value in weights(outputs['semi']['last']).items():
        assert key.startswith('student.') and value.isfinite().all()


def test_killed_in_every_stage_it_ends_bit_equal(pseudo, options, tmp_path):
    _, expected = pseudo
    train_and_kill(PSEUDO, tmp_path, options, 'supervised', 3)
    assert stage_states(tmp_path) == {'supervised': 'running'}
    train_and_kill(PSEUDO, tmp_path, options, 'pseudo_label', 1)
    assert stage_states(tmp_path)['pseudo_label'] == 'running'
    train_and_kill(PSEUDO, tmp_path, options, 'semi', 3)
    assert stage_states(tmp_path)['semi'] == 'running'
    outputs = train(PSEUDO, work_dir=tmp_path, options=options)

    one, two = (MapStore.read(o['pseudo_label']['store']) for o in (expected, outputs))
    assert one.confidence == two.confidence and set(one.accepted) == set(two.accepted)
    for img_id, path in one.accepted.items():
        assert path.read_bytes() == two.accepted[img_id].read_bytes()
    for stage in ('supervised', 'semi'):
        assert_equal(expected[stage]['last'], outputs[stage]['last'])


def test_vat_and_mean_teacher_are_taught_and_validated_together(both):
    folder, outputs = both
    state = weights(outputs['last'])
    assert {key.split('.')[0] for key in state} == NETWORKS
    assert all(v.isfinite().all() for v in state.values() if v.is_floating_point())
    lines = scalars(folder)
    losses = [line for line in lines if 'loss_sup' in line]
    assert losses and all({'loss_consistency', 'loss_vat'} <= set(x) for x in losses)
    validated = [line for line in lines if 'student/tool/F1' in line]
    assert len(validated) == 2 and all('teacher/tool/F1' in line for line in validated)
    assert outputs['best_teacher'] and outputs['best_student']
    pictures = sorted(p.name for p in (folder / 'semi').glob('*/pseudo_labels/*'))
    assert pictures[0] == 'iter_000001.png'


def test_interrupted_in_its_second_epoch_it_ends_bit_equal(
    both, tiny_instruments, tmp_path
):
    train_until('semi', 3, BOTH, work_dir=tmp_path, options=tiny_instruments)
    saved = {path.name for path in (tmp_path / 'semi').glob('epoch_*')}
    assert saved == {'epoch_1.pth'}
    outputs = train(BOTH, work_dir=tmp_path, options=tiny_instruments)['semi']
    assert_equal(both[1]['last'], outputs['last'])


def test_both_networks_are_measured_on_the_test_videos(
    both, tiny_instruments, tool, tmp_path, capsys
):
    out = tmp_path / 'metrics.json'
    given = [str(BOTH), both[1]['last'], '--split', 'test', '--out', str(out)]
    given += ['--work-dir', str(tmp_path), *arguments(tiny_instruments)]
    tool('test').main(given)
    metrics = json.loads(out.read_text())
    assert {key.split('/')[0] for key in metrics} == NETWORKS
    for network in NETWORKS:
        assert 0 <= metrics[f'{network}/tool/recall'] <= 1
        assert 0 <= metrics[f'{network}/tool/unseen/recall'] <= 1
    assert 'tool/recall' in capsys.readouterr().out


def test_instruments_are_found_in_a_video(both, instruments, tool, tmp_path):
    frames = sorted((instruments / 'frames').glob('test*/*'))
    height, width = cv2.imread(str(frames[0])).shape[:2]
    film = tmp_path / 'film.mp4'
    code = cv2.VideoWriter.fourcc(*'mp4v')
    writer = cv2.VideoWriter(str(film), code, 5, (width, height))
    if not writer.isOpened():
        pytest.skip('this OpenCV cannot write mp4')
    for frame in frames:
        writer.write(cv2.imread(str(frame)))
    writer.release()
    folder, outputs = both
    config = folder / 'semi' / 'config.py'
    out = tmp_path / 'out'
    given = [str(config), outputs['best_teacher'], str(film), '--out', str(out)]
    tool('infer').main([*given, '--device', 'cpu'])
    content = json.loads((out / 'predictions.json').read_text())
    assert [image['frame'] for image in content['images']] == list(range(6))
    assert content['categories'][0]['keypoints'][2] == 'head'
    for found in content['annotations']:
        assert len(found['keypoints']) == 15
    drawn = cv2.VideoCapture(str(out / 'film.mp4'))
    assert drawn.get(cv2.CAP_PROP_FRAME_COUNT) == 6


def test_all_rejected_the_tool_that_is_named_finds_intervals_that_accept(
    pseudo, options, tool, tmp_path
):
    checkpoint = pseudo[1]['supervised']['best']
    shutil.copytree(pseudo[0] / 'supervised', tmp_path / 'supervised')
    nothing = options | {'accept': [[1e6, None]]}
    with pytest.raises(ValueError, match='all pseudo labels in') as refused:
        train(PSEUDO, work_dir=tmp_path, options=nothing)
    said = str(refused.value)
    assert '0 of 4 unlabelled images' in said and '4 labels were rejected' in said
    assert 'tools/calibrate_filter.py' in said and '\n' not in said

    # frames with one instrument alone: two groups would overlap, so early
    single = options | {'train_set.sequences': ['train2', 'train4']}
    out = tmp_path / 'calibration'
    given = [str(PSEUDO), checkpoint, '--out', str(out), '--device', 'cpu']
    tool('calibrate_filter').main([*given, '--num-workers', '0', *arguments(single)])
    content = json.loads((out / 'calibration.json').read_text())
    assert content['filter']['channels'] == [0, 1, 2, 3, 4]
    assert content['instruments']['1']['accepted'] == 1
    assert cv2.imread(str(out / 'histogram.png')) is not None
    accept = [list(pair) for pair in Config.fromfile(out / 'accept.py').accept]
    outputs = train(
        PSEUDO,
        work_dir=tmp_path,
        stage='pseudo_label',
        options=options | {'accept': accept},
        restart=True,
    )
    assert len(MapStore.read(outputs['pseudo_label']['store']).accepted) == 4


def test_without_unlabelled_frames_a_method_is_refused(
    tiny_instruments, tool, tmp_path
):
    given = [str(BOTH), '--work-dir', str(tmp_path)]
    with pytest.raises(SystemExit) as ended:
        tool('train').main([*given, *arguments(tiny_instruments | {'labels': 1.0})])
    said = str(ended.value.code)
    assert said.startswith('error: the unlabelled part of') and '\n' not in said
    assert '8 of 8 images are labelled by 1.0' in said
