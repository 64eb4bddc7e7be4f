"""PoseDual on published images of COCO, MPII and AI Challenger, in their layouts."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from ssltoolbox.apis.config import load_config
from ssltoolbox.apis.inference.pose_inferencer import PoseInferencer
from ssltoolbox.apis.test import test as measure
from ssltoolbox.apis.train import train
from ssltoolbox.checkpoints.loading import load_checkpoint_file

pytestmark = pytest.mark.real_data

CONFIGS = Path(__file__).parents[1] / 'configs'
TINY = {
    'labels': None,
    'backbone_init': None,
    'peer_init': None,
    'student.backbone.base_channels': 8,
    'student.backbone.stem_channels': 8,
    'student.head.in_channels': 64,
    'student.head.deconv_out_channels': [8, 8, 8],
    'num_workers': 0,
    'epochs': 1,
    'milestones': [1],
    'batch_size': 16,
    'watch_interval': 1,
    'visualizer.vis_backends': [{'type': 'LocalVisBackend'}],
    'log_level': 'WARNING',
}


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def read(path):
    return json.loads(path.read_text())


def link(path, folder):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(folder.resolve())


@pytest.fixture
def coco(real_data, tmp_path):
    """Three images of COCO to train on, one to validate."""
    source, root = real_data / 'pose_samples' / 'coco', tmp_path / 'coco'
    content = read(source / 'test_coco.json')
    images = content['images']
    for name, chosen in (('train2017', images[1:]), ('val2017', images[:1])):
        ids = {image['id'] for image in chosen}
        persons = [a for a in content['annotations'] if a['image_id'] in ids]
        part = content | dict(images=chosen, annotations=persons)
        write(root / 'annotations' / f'person_keypoints_{name}.json', part)
        link(root / name, source)
    return root


@pytest.fixture
def mpii(real_data, tmp_path):
    """Persons of MPII: all but one to train on, the last to validate."""
    source, root = real_data / 'pose_samples' / 'mpii', tmp_path / 'mpii'
    persons = read(source / 'test_mpii.json')
    write(root / 'annot' / 'train.json', persons[:-1])
    write(root / 'annot' / 'validation.json', persons[-1:])
    link(root / 'images', source)
    last = persons[-1]
    truth = dict(
        pos_gt_src=np.array(last['joints'])[:, :, None],
        jnt_missing=1 - np.array(last['joints_vis'])[:, None],
        headboxes_src=np.array([[0, 0], [60, 80]])[:, :, None],
    )
    savemat(root / 'annot' / 'gt_validation.mat', truth)
    return root


@pytest.fixture
def aic(real_data, tmp_path):
    """Persons of AI Challenger in its own format, from mmpose's conversion."""
    source, root = real_data / 'pose_samples' / 'aic', tmp_path / 'aic'
    content, flags = read(source / 'test_aic.json'), {0: 3, 1: 2, 2: 1}
    entries = []
    for image in content['images']:
        boxes, points = {}, {}
        for person in content['annotations']:
            if person['image_id'] != image['id']:
                continue
            name, (x, y, w, h) = f'human{len(boxes) + 1}', person['bbox']
            boxes[name], points[name] = [x, y, x + w, y + h], [*person['keypoints']]
            points[name][2::3] = [flags[v] for v in points[name][2::3]]
        name = image['file_name'].removesuffix('.jpg')
        entries.append(
            dict(image_id=name, human_annotations=boxes, keypoint_annotations=points)
        )
    for subset in ('train', 'validation'):
        write(root / subset / f'keypoint_{subset}_annotation.json', entries)
        link(root / subset / 'images', source)
    return root


def learnt_joints(outputs):
    """Joints of either network whose bias left its initial 0."""
    state = load_checkpoint_file(outputs['last'])['state_dict']
    assert all(v.isfinite().all() for v in state.values() if v.is_floating_point())
    biases = [v for k, v in state.items() if k.endswith('final_layer.bias')]
    assert [bias.shape for bias in biases] == [(24,), (24,)]
    first, second = ({int(i) for i in bias.nonzero()} for bias in biases)
    assert first == second
    return first


def find_poses(config, checkpoint, options, images):
    config = load_config(config, options=options)
    results = list(PoseInferencer(config, checkpoint, device='cpu')(images))
    assert len(results) >= 3
    for result in results:
        assert result.keypoints.shape == (1, 24, 2)
        assert np.isfinite(result.keypoints).all() and np.isfinite(result.scores).all()


def test_coco_teaches_its_17_joints(coco, tmp_path):
    config = CONFIGS / 'posedual' / 'resnet18_coco1k_posedual-cutout.py'
    sizes = {'codec.input_size': [64, 96], 'codec.heatmap_size': [16, 24]}
    options = TINY | sizes | {'data_root': str(coco)}
    outputs = train(config, work_dir=tmp_path / 'run', options=options)['semi']
    assert learnt_joints(outputs) == {1, 2, 3, 4, 5, 6, 11, *range(14, 24)}
    assert Path(outputs['best']).name == 'best_ensemble_coco_AP_epoch_1.pth'
    find_poses(config, outputs['last'], options, coco / 'val2017')


def test_mpii_teaches_its_16_joints_on_persons_of_ai_challenger(mpii, aic, tmp_path):
    parts = ['default_runtime', 'models/pose-resnet18_256x256', 'schedules/posedual']
    parts += ['datasets/mpii_aic_test-aic', 'semi/posedual']
    bases = [str(CONFIGS / '_base_' / f'{part}.py') for part in parts]
    config = tmp_path / 'config.py'
    config.write_text(f'_base_ = {bases}\n')
    sizes = {'codec.input_size': [64, 64], 'codec.heatmap_size': [16, 16]}
    options = TINY | sizes | {'mpii_root': str(mpii), 'aic_root': str(aic)}
    options |= {'leak_check.allow': 'the sample has no other persons'}
    outputs = train(config, work_dir=tmp_path / 'run', options=options)['semi']
    assert learnt_joints(outputs) == {*range(7), 8, 10, *range(13, 20)}
    assert Path(outputs['best']).name == 'best_ensemble_mpii_Mean_epoch_1.pth'
    folder = tmp_path / 'test'
    metrics = measure(
        config, outputs['last'], split='test', options=options, work_dir=folder
    )
    assert {key.split('/')[0] for key in metrics} == {'net1', 'net2', 'ensemble'}
    assert 0 <= metrics['ensemble/aic/AP'] <= 1
    find_poses(config, outputs['last'], options, aic / 'validation' / 'images')
