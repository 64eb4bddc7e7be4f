"""The toy instruments on disk: the layouts of EndoVis'15 and RMIT, lists, options."""

import json
import re

import cv2
import numpy as np
import pytest

from ssltoolbox.datasets.label_list import load_label_list
from ssltoolbox.datasets.pose.endovis_ids import frame_id
from ssltoolbox.testing.toy_instruments import endovis
from ssltoolbox.testing.toy_instruments.__main__ import main
from ssltoolbox.testing.toy_instruments.annotations import CLASSES
from ssltoolbox.testing.toy_instruments.generate import generate
from ssltoolbox.testing.toy_instruments.take import NOTHING, SHAFT, TIP
from ssltoolbox.testing.toy_instruments.video import TAKE

SMALL = dict(num_train=38, num_val=2, num_seen=4, num_unseen=4, width=80)
NAMES = [
    *(f'train{i}' for i in range(1, 5)),
    *('val1', 'val2'),
    *(f'test{i}' for i in range(1, 7)),
]
PAIRS = {'train1', 'train3', 'val1', 'test1', 'test3', 'test5'}


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    return generate(
        tmp_path_factory.mktemp('instruments') / 'set', **SMALL, progress=False
    )


@pytest.fixture(scope='module')
def eye(tmp_path_factory):
    return generate(
        tmp_path_factory.mktemp('eye') / 'set', 'rmit', num_frames=3 * TAKE,
        width=80, progress=False)  # fmt: skip


def labels(root, name, folder=None):
    folder = folder or f'{name[:-1]}_labels'
    return json.loads((root / folder / f'{name}_labels.json').read_text())


def key(name, entry):
    """Name a frame as the specification of the data says."""
    return f'{entry["filename"].split("/")[-1].split(".")[0]}_{name}'


def test_every_sequence_has_frames_masks_labels_and_truth(root):
    assert sorted(p.name for p in (root / 'frames').iterdir()) == sorted(NAMES)
    lengths = {}
    for name in NAMES:
        entries = labels(root, name)
        lengths[name] = len(entries)
        keys = [key(name, entry) for entry in entries]
        for kind, suffix in (('frames', 'jpg'), ('masks', 'png')):
            files = sorted(p.name for p in (root / kind / name).iterdir())
            assert files == [f'{stem}.{suffix}' for stem in keys]
        pattern = 'img_0{5}1_raw_train' if name.startswith('train') else 'img_0001_'
        assert re.match(pattern, keys[0])
        assert cv2.imread(str(root / 'frames' / name / f'{keys[0]}.jpg')).shape == (
            64, 80, 3)  # fmt: skip
    assert [lengths[n] for n in NAMES] == [10, 10, 9, 9] + [1] * 6 + [2, 2]


@pytest.mark.parametrize('name', NAMES)
def test_entries_are_those_of_the_annotation_repository(root, name):
    second = 'tool4' if name == 'test5' else 'tool2'
    for entry in labels(root, name):
        assert set(entry) == {'annotations', 'class', 'filename'}
        assert entry['class'] == 'image'
        tools = {point['id'] for point in entry['annotations']}
        assert tools <= ({'tool1', second} if name in PAIRS else {'tool1'})
        for point in entry['annotations']:
            assert set(point) == {'class', 'id', 'x', 'y'} and point['class'] in CLASSES
            assert 0 <= point['x'] <= 79 and 0 <= point['y'] <= 63


def test_truth_has_every_joint_and_labels_those_not_hidden(root):
    hidden = 0
    for name in NAMES:
        pairs = zip(labels(root, name), labels(root, name, 'truth'), strict=True)
        for entry, truth in pairs:
            count = 10 if name in PAIRS else 5
            assert [p['class'] for p in truth['annotations']] == [*CLASSES] * (
                count // 5
            )
            shown = [p for p in truth['annotations'] if not p.get('occluded')]
            assert entry == truth | {'annotations': shown}
            hidden += count - len(shown)
    assert hidden > 0


def test_masks_know_background_shaft_and_tip(root):
    paths = sorted((root / 'masks').rglob('*.png'))
    values = [np.unique(cv2.imread(str(p), cv2.IMREAD_UNCHANGED)) for p in paths]
    assert set(np.concatenate(values)) == {NOTHING, SHAFT, TIP}
    assert sum(TIP in v for v in values) > 0.95 * len(values)


def test_test5_and_test6_alone_show_unseen_geometries(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(
        endovis, 'surgery', lambda *a, wrapped=endovis.surgery: (
            asked.append(a), wrapped(*a))[1])  # fmt: skip
    generate(tmp_path / 'set', num_train=4, num_val=2, num_seen=4, num_unseen=2,
             width=80, progress=False)  # fmt: skip
    assert asked == [(n not in ('test5', 'test6'), n in PAIRS) for n in NAMES]


def test_label_lists_are_nested_and_take_the_videos_in_turn(root):
    lists = {p.stem: load_label_list(p) for p in (root / 'label_lists').iterdir()}
    assert set(lists) == {f'{n}images_seed{s}' for n in (8, 16, 32) for s in (0, 1, 2)}
    lengths = dict(zip(NAMES, (10, 10, 9, 9), strict=False))
    known = {frame_id(n, i) for n, k in lengths.items() for i in range(1, k + 1)}
    for stem, one in lists.items():
        count = int(stem.split('images')[0])
        assert len(one) == count and set(one.ids) <= known
        assert np.bincount([i // 1_000_000 for i in one.ids]).tolist() == [
            0, *[count // 4] * 4]  # fmt: skip
    for small, large in ((8, 16), (16, 32)):
        assert set(lists[f'{small}images_seed0'].ids) < set(
            lists[f'{large}images_seed0'].ids
        )
    assert lists['8images_seed0'].ids != lists['8images_seed1'].ids


def test_image_sets_name_the_frames_of_splits_and_lists(root):
    sets = {p.stem: p.read_text().split() for p in (root / 'image_sets').iterdir()}
    splits = [len(sets[n]) for n in ('train', 'val', 'test_seen', 'test_unseen')]
    assert splits == [38, 2, 4, 4]
    assert all(
        (root / 'frames' / f'{s}.jpg').is_file() for n in sets.values() for s in n
    )
    ids = [
        frame_id(stem.split('/')[0], int(stem.split('_')[1]))
        for stem in sets['16images_seed2']
    ]
    assert tuple(ids) == load_label_list(root / 'label_lists/16images_seed2.json').ids


def test_frames_between_are_left_without_annotation(tmp_path):
    sizes = SMALL | dict(num_train=20)
    root = generate(tmp_path / 'set', **sizes, annotated_every=3, progress=False)
    for i in range(1, 5):
        found = [bool(entry['annotations']) for entry in labels(root, f'train{i}')]
        assert found == [True, False, False, True, False]
        assert all(e['annotations'] for e in labels(root, f'train{i}', 'truth'))
    assert all(e['annotations'] for n in NAMES[4:] for e in labels(root, n))
    assert len(list((root / 'label_lists').iterdir())) == 3
    ids = load_label_list(root / 'label_lists/8images_seed0.json').ids
    assert ids == tuple(frame_id(f'train{i}', n) for i in range(1, 5) for n in (1, 4))


def test_rmit_lines_are_rows_and_columns_or_say_invisible(eye):
    for number in range(1, 4):
        lines = (eye / f'seq{number}.txt').read_text().splitlines()
        assert len(lines) == TAKE
        for place, line in enumerate(lines, 1):
            name, *fields = line.split()
            assert name == f'seq{number}_{place:04d}.png' and len(fields) == 8
            assert cv2.imread(str(eye / f'seq{number}' / name)).shape == (60, 80, 3)
            path = eye / 'masks' / f'seq{number}' / name
            mask = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
            if place == TAKE:
                assert fields == ['-1'] * 8 and not mask.any()
                continue
            points = np.reshape(fields, (4, 2)).astype(float)
            assert (points >= 0).all() and (points <= (59, 79)).all()
            # The claspers are thinner than two pixels here: look beside them, too.
            near = [mask[r - 1 : r + 2, c - 1 : c + 2] for r, c in points.astype(int)]
            assert all((patch != NOTHING).any() for patch in near)
            assert SHAFT in near[0] and TIP in near[1]


def test_equal_seeds_give_equal_bytes_and_other_seeds_do_not(root, eye, tmp_path):
    again = generate(tmp_path / 'again', **SMALL, progress=False)
    files = sorted(p.relative_to(root) for p in root.rglob('*') if p.is_file())
    assert len(files) == 2 * 48 + 2 * 12 + 9 + 13 + 1
    assert all((root / f).read_bytes() == (again / f).read_bytes() for f in files)
    sizes = dict(num_frames=3, width=80, progress=False)
    other = generate(tmp_path / 'other', 'rmit', seed=1, **sizes)
    name = 'seq1/seq1_0001.png'
    assert (other / name).read_bytes() != (eye / name).read_bytes()


def test_a_complete_set_is_reused_and_another_refused(root, eye):
    assert generate(root, **SMALL, progress=False) == root
    assert generate(eye, 'rmit', num_frames=3 * TAKE, width=80) == eye
    with pytest.raises(FileExistsError, match=r"toy instruments .*'seed': \(0, 7\)"):
        generate(root, **SMALL, seed=7)
    with pytest.raises(FileExistsError, match="'layout'"):
        generate(eye, **SMALL)


@pytest.mark.parametrize(
    'wrong, message',
    [
        (dict(num_train=3), 'num_train: .*4 videos, got 3'),
        (dict(num_unseen=1), 'num_unseen: .*2 videos, got 1'),
        (dict(annotated_every=0), 'annotated_every: .*got 0'),
        (dict(width=20), 'width: .*got 20'),
        (dict(seed=-1), 'seed: .*got -1'),
        (dict(layout='coco'), r"layout: .*\['endovis', 'rmit'\], got 'coco'"),
    ],
)
def test_bad_parameters_are_named(tmp_path, wrong, message):
    with pytest.raises(ValueError, match=message):
        generate(tmp_path / 'set', **{**SMALL, **wrong})
    assert not (tmp_path / 'set').exists()


def test_command_line(tmp_path, capsys):
    counts = [f'--num-{n}=4' for n in ('train', 'val', 'seen', 'unseen')]
    out = str(tmp_path / 'one')
    main(['--out', out, *counts, '--width=80', '--annotated-every=2', '--quiet'])
    assert len(labels(tmp_path / 'one', 'val1')) == 2
    main(['--out', str(tmp_path / 'two'), '--layout=rmit', '--num-frames=3'])
    assert capsys.readouterr().out.count('toy instruments: ') == 2
    assert (tmp_path / 'two' / 'seq3.txt').is_file()
    with pytest.raises(SystemExit):
        main(['--out', out, '--layout=rmit', '--num-train=4'])
    assert 'unrecognized arguments: --num-train=4' in capsys.readouterr().err
