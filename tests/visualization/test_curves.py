import json

import cv2
import pytest

from ssltoolbox.visualization.curves import plot_curves, read_scalars


def log(work_dir, time, records):
    folder = work_dir / time / 'vis_data'
    folder.mkdir(parents=True)
    lines = ''.join(json.dumps(record) + '\n' for record in records)
    (folder / 'scalars.json').write_text(lines)


def test_validation_is_placed_at_its_iteration(tmp_path):
    records = [
        {'loss': 2.0, 'lr': 0.1, 'epoch': 1, 'iter': 50, 'time': 0.1, 'step': 50},
        {'loss': 1.0, 'lr': 0.1, 'epoch': 1, 'iter': 100, 'time': 0.1, 'step': 100},
        {'teacher/AP': 0.5, 'step': 1},
    ]
    log(tmp_path, '20250101_000000', records)
    assert read_scalars(tmp_path) == {
        'loss': [(50, 2.0), (100, 1.0)],
        'lr': [(50, 0.1), (100, 0.1)],
        'teacher/AP': [(100, 0.5)],
    }


def test_resumed_run_replaces_what_it_trained_again(tmp_path):
    log(tmp_path, '20250101', [{'loss': i / 1, 'iter': i} for i in (10, 20, 30)])
    log(tmp_path, '20250102', [{'loss': 7.0, 'iter': 20}])
    assert read_scalars(tmp_path) == {'loss': [(10, 10.0), (20, 7.0)]}


def test_a_validation_that_is_repeated_on_resuming_keeps_its_place(tmp_path):
    def train(*steps):
        return [{'loss': s / 1, 'epoch': s // 50 + 1, 'iter': s} for s in steps]

    first = [*train(20, 40), {'AP': 0.1, 'step': 1}, *train(60, 80)]
    first += [{'AP': 0.2, 'step': 2}, *train(110)]  # killed in epoch 3
    log(tmp_path, '20250101', first)
    log(tmp_path, '20250102', [{'AP': 0.2, 'step': 2}])  # and before it trained
    again = [{'AP': 0.2, 'step': 2}, *train(100, 120), {'AP': 0.3, 'step': 3}]
    log(tmp_path, '20250103', again)
    assert read_scalars(tmp_path) == {
        'loss': [(s, s) for s in (20, 40, 60, 80, 100, 120)],
        'AP': [(40, 0.1), (80, 0.2), (120, 0.3)],
    }


def test_line_cut_short_is_ignored(tmp_path):
    log(tmp_path, '20250101', [{'loss': 1.0, 'iter': 10}])
    with open(tmp_path / '20250101/vis_data/scalars.json', 'a') as file:
        file.write('{"loss": 0.5, "it')
    assert read_scalars(tmp_path) == {'loss': [(10, 1.0)]}


def test_missing_scalars_name_the_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match='vis_data/scalars.json'):
        read_scalars(tmp_path)


def test_picture_is_written_whole(tmp_path):
    curves = {
        'loss': [(i, float('nan') if i == 7 else 1 / (i + 1)) for i in range(60)],
        'student/AP': [(10, 0.1), (20, 0.2)],
        'teacher/AP': [(10, 0.2), (20, 0.3)],
        'empty': [],
    }
    path = tmp_path / 'plots' / 'curves.png'
    plot_curves(curves, path)
    assert [file.name for file in path.parent.iterdir()] == ['curves.png']
    assert cv2.imread(str(path)).shape[1] > 500


def test_nothing_to_draw_is_refused(tmp_path):
    with pytest.raises(ValueError, match='nothing to draw'):
        plot_curves({'loss': []}, tmp_path / 'curves.png')
