"""Golden vectors: inputs and outputs of the original programs, and how to read them."""

import json
import os
import re
from functools import cached_property
from pathlib import Path

import numpy as np

DEFAULT = Path(__file__).resolve().parents[3] / 'shared' / 'golden'
NUMBER = r'\d+(?:\.\d+)?(?:e-?\d+)?'


def golden_folder() -> Path:
    """The folder of vectors: ``$SSLTOOLBOX_GOLDEN``, else one beside the checkout."""
    return Path(os.environ.get('SSLTOOLBOX_GOLDEN') or DEFAULT)


class Entry:
    """One entry of a manifest.

    Seeds, parameters, sizes and tolerances come from here and from nowhere else, so
    that the same tests run on vectors made from other ones.

    Args:
        folder: Folder of the system; its name is the system's.
        record: The entry as it stands in the manifest.
    """

    def __init__(self, folder: Path, record: dict) -> None:
        self.system, self.path = folder.name, folder / record['file']
        self.name = self.path.stem
        self.params = record['params']
        self.record = record
        self.differences: dict[str, float] = {}

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        with np.load(self.path, allow_pickle=False) as file:
            return {key: file[key] for key in file.files}

    def __getitem__(self, key: str) -> np.ndarray:
        return self.arrays[key]

    def sibling(self, file: str) -> 'Entry':
        """Another entry of the same system."""
        return next(e for e in read_manifest(self.path.parent) if e.path.name == file)

    def matching(self, pattern: str) -> dict[str, tuple[str, ...]]:
        """Arrays whose whole name matches: ``{name: groups}``; there must be some."""
        found = {key: re.fullmatch(pattern, key) for key in self.arrays}
        found = {key: match.groups() for key, match in found.items() if match}
        assert found, f'{self.path} has no array like {pattern}'
        return found

    def find(self, pattern: str) -> tuple[str, ...]:
        """Groups of a pattern in the texts of the manifest entry."""
        texts = [self.record['what'], *map(str, self.params.values())]
        for text in texts:
            if match := re.search(pattern, text):
                return match.groups()
        raise AssertionError(f'{self.path}: the manifest says nothing like {pattern!r}')

    def seeds(self) -> list[int]:
        """The seeds of rows described as ``seed=k for k=first..last``."""
        pattern = r'seed=(?:(\d+)\s*\+\s*)?k for k\s*=\s*(\d+)\.\.(\d+)'
        offset, first, last = (int(n or 0) for n in self.find(pattern))
        return [offset + k for k in range(first, last + 1)]

    def seed(self) -> int:
        """The seed described as ``np.random.seed(7)``."""
        return int(self.find(r'np\.random\.seed\((\d+)\)')[0])

    def not_compared(self) -> list[str]:
        """Outputs that no check has looked at."""
        names = self.arrays if self.path.suffix == '.npz' else self.record['outputs']
        given = self.record['inputs']
        outputs = [k for k in names if k not in given and not k.startswith('in_')]
        return [key for key in outputs if key not in self.differences]

    def bound(self, word: str = '') -> tuple[float, float]:
        """(rtol, atol) of the arrays that ``word`` names in the tolerance's text."""
        clauses = re.split(r'[,;()]', str(self.record['tolerance']))
        clause = next((c for c in clauses if word in c), clauses[0])
        if 'exact' in clause:
            return 0.0, 0.0
        match = re.search(rf'(rtol|atol)?\s*(?:\+-)?({NUMBER})', clause)
        if match is None or not isinstance(self.record['tolerance'], str):
            return self.record['rtol'], self.record['atol']
        if match[1] == 'rtol':
            return float(match[2]), self.record['atol']
        return 0.0, float(match[2])

    def check(
        self, key: str, ours, word='', where=None, expected=None, ulps: int = 0
    ) -> None:
        """Compare our result with an array, in the array's own precision.

        Args:
            key: Name of the array.
            ours: Our result.
            word: What the tolerance's text calls such arrays.
            where: Elements to compare, all by default.
            expected: What is compared instead of the whole array.
            ulps: Float32 roundings that are no difference, for results of ``exp``:
                its last bit is another in each library, and in each build of numpy.
        """
        expected = np.asarray(self[key] if expected is None else expected)
        ours = np.asarray(ours)
        if expected.dtype.kind == 'f':
            ours = ours.astype(expected.dtype)
        assert ours.shape == expected.shape, (
            f'{key}: shape {ours.shape}, expected {expected.shape}'
        )
        ours, expected = ours.astype(np.float64), expected.astype(np.float64)
        if where is not None:
            ours, expected = ours[where], expected[where]
        gap = np.abs(ours - expected)[~np.isnan(expected)].max(initial=0)
        self.differences[key] = max(float(gap), self.differences.get(key, 0.0))
        rtol, atol = self.bound(word)
        rtol = max(rtol, ulps * float(np.finfo(np.float32).eps))
        np.testing.assert_allclose(ours, expected, rtol, atol, err_msg=key)


def read_manifest(folder: Path) -> list[Entry]:
    records = json.loads((folder / 'manifest.json').read_text())
    return [Entry(folder, record) for record in records]


def read_manifests(folder: Path) -> list[Entry]:
    """Entries of all systems in the folder."""
    manifests = sorted(folder.glob('*/manifest.json'))
    return [entry for path in manifests for entry in read_manifest(path.parent)]
