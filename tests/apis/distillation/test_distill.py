"""One call instead of a config: what it writes, runs and refuses."""

import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from mmengine.config import Config
from PIL import Image

from ssltoolbox.apis import distill
from ssltoolbox.apis.config import load_config, read_config, stage_names
from ssltoolbox.apis.config_literal import literal
from ssltoolbox.checkpoints.loading import load_checkpoint_file

TINY = {
    'num_workers': 0,
    'epoch_length': 2,
    'log_level': 'WARNING',
    'default_hooks.checkpoint.max_keep_ckpts': 1,
}
QUICK = dict(batch_size=4, size=(64, 64), epochs=1, options=TINY, imagenet=False)
FLIPS = ('H Flip', 'flip_lr')
KILLED = """
import json, os, signal, sys
from ssltoolbox.jobs.progress import Eta
Eta.update = lambda self, number: os.kill(os.getpid(), signal.SIGKILL)
from ssltoolbox.apis import distill
distill(**json.loads(sys.argv[1]))
"""


@pytest.fixture
def out(tmp_path):
    return tmp_path / 'out'


@pytest.fixture
def layout(polyps, tmp_path):
    """A copy of the data that a test may damage."""
    return shutil.copytree(polyps, tmp_path / 'data')


def weights(path):
    return load_checkpoint_file(path)['state_dict']


def test_a_config_is_written_that_says_the_same(polyps, out):
    made = distill(
        'model-data',
        'CGNet',
        polyps,
        out,
        ['FPENet', 'PAN:resnet18', 'PAN'],
        FLIPS,
        size=(128, 160),
        epochs=3,
        labels=4,
        config_only=True,
    )
    assert made == {'config': out / 'config.py'} and os.listdir(out) == ['config.py']
    text = made['config'].read_text()
    title = 'Model and data distillation: FPENet, PAN (resnet18), PAN (resnet50)'
    assert text.startswith(f'"""{title} -> CGNet.\n')
    assert max(map(len, text.splitlines())) < 200
    cfg = read_config(made['config'])
    assert stage_names(cfg) == ['base_1', 'base_2', 'base_3', 'annotate', 'target']
    assert cfg.network_2 == '${pan_resnet18}' and cfg.student == '${cgnet}'
    small = load_config(made['config'], 'base_2')
    assert small.model.backbone.depth == 18
    assert small.model.decode_head.in_channels == [64, 128, 256, 512]
    assert small.model.backbone.init_cfg.checkpoint == 'torchvision://resnet18'
    assert load_config(made['config'], 'base_3').model.backbone.depth == 50
    assert small.train_cfg.max_epochs == 3
    job = load_config(made['config'], 'annotate').job
    assert job.dataset.pipeline[-1].views == ['H Flip', 'flip_lr']
    assert job.dataset.pipeline[-1].view.input_size == (160, 128)
    labelled = small.train_dataloader.dataset.sources.labelled
    assert labelled.labels == 4 and labelled.dataset.data_root == str(polyps)


@pytest.mark.parametrize('count', [2, 4])
def test_any_number_of_networks_can_label(polyps, out, count):
    bases = ['FPENet', 'CGNet', 'LEDNet', 'U-Net'][:count]
    made = distill(
        'model', 'FPENet', polyps, out, bases, size=(64, 64), config_only=True
    )
    cfg = read_config(made['config'])
    names = [f'base_{n + 1}' for n in range(count)]
    assert stage_names(cfg) == [*names, 'annotate', 'target']
    job = load_config(
        made['config'], 'annotate', outputs={n: {'best': n} for n in names}
    ).job
    assert [member.checkpoint for member in job.members] == names
    for name, member in zip(names, job.members, strict=True):
        assert load_config(made['config'], name).model == member.network


def test_killed_and_called_again_it_ends_with_the_checkpoints(polyps, out):
    import json

    call = dict(QUICK, method='data', base='FPENet', transforms=FLIPS, target='LEDNet')
    call |= dict(data=str(polyps), out=str(out))
    done = subprocess.run(
        [sys.executable, '-c', KILLED, json.dumps(call)], capture_output=True, text=True
    )
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]
    first = (out / 'base_1' / 'stage.json').stat().st_mtime_ns
    made = distill(**call)
    assert (out / 'base_1' / 'stage.json').stat().st_mtime_ns == first
    assert list(made) == ['config', 'base_FPENet', 'target_LEDNet']
    assert made['target_LEDNet'] == out / 'target_LEDNet.pth'
    (best,) = (out / 'target').glob('best_*.pth')
    assert made['target_LEDNet'].read_bytes() == best.read_bytes()
    assert weights(made['base_FPENet']).keys() != weights(best).keys()
    # the third call finds nothing left to do
    before = (out / 'target' / 'stage.json').stat().st_mtime_ns
    assert distill(**call) == made
    assert (out / 'target' / 'stage.json').stat().st_mtime_ns == before


def test_supervised_training_is_called_target_too(polyps, out):
    made = distill('supervised', 'FPENet', polyps, out, **QUICK)
    assert list(made) == ['config', 'target_FPENet']
    assert stage_names(Config.fromfile(made['config'])) == ['supervised']


CALL = dict(method='data', target='FPENet', base='FPENet', transforms=['flip_lr'])


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(method='both'), "unknown method 'both'. Known: supervised, data, model,"),
        (
            dict(target='fpenet'),
            "target: unknown network 'fpenet'; did you mean FPENet",
        ),
        (dict(base=['DeepLab:vgg']), "unknown backbone 'vgg'. Known: resnet101"),
        (dict(transforms=['flip']), "no view 'flip'; the views are .*flip_ud, H Flip"),
        (dict(transforms=[]), 'method data needs transforms'),
        (dict(transforms=['H Flop']), "Did you mean 'H Flip'"),
        (dict(transforms=['V Flip', 'flip_lr']), 'name flip_lr more than once'),
        (dict(transforms='flip_lr'), "transforms is a list of names, got 'flip_lr'"),
        (dict(base=['PAN', 'OCNet']), 'method data has one base network, got PAN, OCN'),
        (dict(method='model', transforms=[]), 'method model needs two or more base'),
        (dict(method='supervised', transforms=[]), 'leave them out'),
        (dict(method='model', base=['PAN', 'OCNet']), 'has no transforms, got flip_lr'),
        (dict(base_backbones=['resnet50'] * 2), '1 base networks .* and 2 backbones'),
        (dict(batch_size=0), 'batch_size must be a whole number from 1, got 0'),
        (dict(epochs=1.5), 'epochs must be a whole number from 1, got 1.5'),
        (dict(size=(64,)), r'size is \(height, width\) in pixels, got \(64,\)'),
        (dict(size=64), r'size is \(height, width\) in pixels, got 64'),
        (dict(base='LEDNet', batch_size=1), 'LEDNet cannot take --batch-size 1: a bat'),
        (
            dict(base='PAN:resnet50', base_backbones=['resnet18']),
            "base PAN:resnet50: the backbone is given twice, as 'resnet50' and",
        ),
        (dict(base='PAN'), r'PAN .resnet50. cannot take --size 64 96.*16 px'),
        (dict(base='MAnet', size=(48, 64)), 'MAnet .* --size 48 64: .*multiples of 32'),
        (dict(options={'batchsize': 3}), "Did you mean 'batch_size'"),
        (dict(options={'stages.0.name': 'x'}), 'an entry of a list cannot'),
        (dict(labels=100), 'labels=100'),
    ],
)
def test_a_wrong_call_is_refused_before_anything_is_written(
    polyps, out, change, message
):
    with pytest.raises(ValueError, match=message) as refused:
        distill(**{**CALL, 'size': (64, 96), 'data': polyps, 'out': out, **change})
    assert '\n' not in str(refused.value) and not out.exists()


@pytest.mark.parametrize(
    'part', ['codes.txt', 'Images/train', 'Labels/valid', 'unlabeled_images']
)
def test_a_missing_part_of_the_layout_is_named(layout, out, part):
    path = layout / part
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(FileNotFoundError, match=f'has no {part}: the layout is'):
        distill(**CALL, data=layout, out=out)
    assert not out.exists()


def test_without_unlabelled_images_there_is_supervised_training_alone(layout, out):
    for path in (layout / 'unlabeled_images').iterdir():
        path.unlink()
    (layout / 'unlabeled_images' / 'Thumbs.db').touch()
    with pytest.raises(FileNotFoundError, match='nothing to label: .* holds no image'):
        distill(**CALL, data=layout, out=out)
    shutil.rmtree(layout / 'unlabeled_images')
    distill('supervised', 'FPENet', layout, out, size=(64, 64), config_only=True)


def test_an_image_without_a_mask_is_found_before_training(layout, out):
    next((layout / 'Labels' / 'valid').iterdir()).unlink()
    with pytest.raises(ValueError, match='1 of 3 images have no .* mask'):
        distill(**CALL, data=layout, out=out, size=(64, 64))


@pytest.mark.parametrize('split', ['train', 'valid'])
def test_every_mask_is_read_before_training(layout, out, split):
    path = sorted((layout / 'Labels' / split).iterdir())[-1]
    mask = np.array(Image.open(path))
    mask[3, 4] = 77
    Image.fromarray(mask).save(path)
    call = dict(CALL, data=layout, out=out, size=(64, 64), config_only=True)
    with pytest.raises(ValueError, match=f'{path.name}: the values 77 .1 of '):
        distill(**call)
    Image.fromarray(mask[:9]).save(path)
    with pytest.raises(ValueError, match=f'{path.name} has shape .9, .*but image'):
        distill(**call)
    assert not out.exists()
    mask[3, 4] = 0
    Image.fromarray(mask).save(path)
    image = layout / 'Images' / split / path.name
    image.write_bytes(image.read_bytes()[:12])
    with pytest.raises(ValueError, match=f'image .*{path.name} cannot be decoded'):
        distill(**call)


def test_another_run_is_never_overwritten(polyps, out, tmp_path):
    call = dict(CALL, data=polyps, out=out, size=(64, 64), config_only=True)
    distill(**call)
    distill(**call)
    text = (out / 'config.py').read_text()
    with pytest.raises(
        FileExistsError, match='another call .*batch_size = 32.*train.py'
    ):
        distill(**call, batch_size=4)
    assert (out / 'config.py').read_text() == text
    (tmp_path / 'note.txt').touch()
    with pytest.raises(FileExistsError, match='not empty and holds no run of distill'):
        distill(**{**call, 'out': tmp_path})
    with pytest.raises(FileExistsError, match='is a file'):
        distill(**{**call, 'out': tmp_path / 'note.txt'})


def test_the_tool_reads_names_backbones_and_options(polyps, out, tool, capsys):
    given = ['--method', 'model', '--base', 'DeepLab:resnet18', 'CGNet', '--target']
    given += ['FPENet', '--data', polyps, '--out', out, '--size', 64, 96, '--labels']
    given += [
        0.5,
        '--random-weights',
        '--config-only',
        '--cfg-options',
        'num_workers=0',
    ]
    tool('distill').main(list(map(str, given)))
    assert f'config: {out / "config.py"}' in capsys.readouterr().out
    cfg = read_config(out / 'config.py')
    assert cfg.resnet18_init is None and cfg.backbone_init is None
    assert (cfg.labels, cfg.num_workers, tuple(cfg.input_size)) == (0.5, 0, (96, 64))
    with pytest.raises(SystemExit) as ended:
        tool('distill').main([*map(str, given), 'batch_size=2'])
    assert str(ended.value.code).startswith(f'error: {out} holds a run of another call')


def test_long_values_are_written_line_by_line():
    value = dict(a=[1, 2], b=dict(text='x' * 60, number=(0.5,)), c=None)
    text = literal(value)
    assert text.splitlines()[:2] == ['dict(', '    a=[1, 2],']
    assert eval(text) == value
