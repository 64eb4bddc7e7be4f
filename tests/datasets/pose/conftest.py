"""Small data sets of instruments, written by hand in their formats on disk."""

import json

import numpy as np
import pytest
from PIL import Image

CLASSES = ['LeftClasperPoint', 'RightClasperPoint', 'HeadPoint', 'ShaftPoint',
           'EndPoint']  # fmt: skip


def mark(joint, x, y, tool='tool1'):
    """One entry of ``annotations``; ``joint`` may be the name of a class."""
    name = joint if isinstance(joint, str) else CLASSES[joint]
    return {'class': name, 'x': x, 'y': y, 'id': tool}


class EndoVisFiles:
    """Writes label files and frames below a folder."""

    def __init__(self, root):
        self.root = root

    def labels(self, sequence, marks_by_number, folder=None):
        """Write a label file: ``{frame number: marks}``."""
        split = sequence.rstrip('0123456789')
        name = 'img_{:06d}_raw.png' if split == 'train' else 'img_{:04d}.png'
        entries = [
            {'annotations': marks, 'class': 'image', 'filename': '/x/' + name.format(n)}
            for n, marks in marks_by_number.items()
        ]
        folder = self.root / (folder or f'{split}_labels')
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f'{sequence}_labels.json'
        path.write_text(json.dumps(entries))
        return path

    def frames(self, sequence, numbers, folder=None, suffix='.jpg'):
        """Write frames of 72 x 58 px."""
        split = sequence.rstrip('0123456789')
        name = 'img_{:06d}_raw_{}' if split == 'train' else 'img_{:04d}_{}'
        folder = self.root / (folder or f'frames/{sequence}')
        folder.mkdir(parents=True, exist_ok=True)
        for n in numbers:
            image = Image.new('RGB', (72, 58))
            image.save(folder / (name.format(n, sequence) + suffix))


@pytest.fixture
def endovis(tmp_path):
    """train1: frames 1 to 20, all odd ones annotated; test1: 2 of 4 annotated."""
    files = EndoVisFiles(tmp_path / 'endovis')
    for sequence, count in (('train1', 20), ('test1', 4)):
        marks = {
            n: [mark(j, 100.0 + j, float(n)) for j in range(5)] if n % 2 else []
            for n in range(1, count + 1)
        }
        files.labels(sequence, marks)
        files.frames(sequence, range(1, count + 1))
    return files


@pytest.fixture
def rmit(tmp_path):
    """seq1: 7 visible frames of 8, seq2: 3; point p of line n at row 10 n, column p."""
    root = tmp_path / 'rmit'
    (root / 'images').mkdir(parents=True)
    for sequence, visible in (('seq1', 7), ('seq2', 3)):
        lines = []
        for n in range(1, visible + 1):
            name = f'{sequence}_{n:04d}'
            values = np.array([[10 * n, p] for p in range(1, 5)]).ravel()
            lines.append(' '.join([name, *map(str, values)]))
            Image.new('RGB', (64, 48)).save(root / 'images' / f'{name}.png')
        lines.insert(1, f'{sequence}_9999 -1 -1 -1 -1 -1 -1 -1 -1')
        (root / f'{sequence}.txt').write_text('\n'.join(lines) + '\n')
    return root


@pytest.fixture
def said(monkeypatch):
    """Everything that data sets print, line by line."""
    lines = []
    for module in (
        'part',
        'few_shot_images',
        'pose.endovis',
        'pose.rmit',
    ):
        monkeypatch.setattr(
            f'ssltoolbox.datasets.{module}.print_log',
            lambda text, *args, **kwargs: lines.append(text),
        )
    return lines
