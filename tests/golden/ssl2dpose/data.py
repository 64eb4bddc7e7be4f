"""What the label files hold."""

import tempfile
from pathlib import Path

import numpy as np

from ssltoolbox.datasets.pose.rmit_text import first_half, read_rmit

from ..registry import drives
from ..vectors import Entry


@drives('ssl2dpose', 'rmit_parse_split')
def rmit_parse_split(entry: Entry) -> None:
    sequences = []
    with tempfile.TemporaryDirectory() as folder:
        for key, (name,) in entry.matching(r'in_(seq\d+)').items():
            path = Path(folder, f'{name}.txt')
            path.write_text(str(entry[key]))
            sequences.append(read_rmit(path, 'yx'))
    names = [[frame.name for frame in frames] for frames in sequences]
    assert np.array_equal(names, entry['out_fname'])
    halves = [first_half(len(frames)) for frames in sequences]
    parts = {
        'out_train': [n[:half] for n, half in zip(names, halves, strict=True)],
        'out_test': [n[half:] for n, half in zip(names, halves, strict=True)],
    }
    for key, part in parts.items():
        files = [f'{name}.png' for of_sequence in part for name in of_sequence]
        assert files == entry[key].tolist()
    entry.differences |= dict.fromkeys(['out_fname', *parts], 0.0)
    # the original keeps the two numbers as they stand, by point and then by frame
    points = [[frame.points[:, ::-1] for frame in frames] for frames in sequences]
    entry.check('out_points', np.swapaxes(points, 1, 2))
    # and takes the first of them for the row: the heatmap is highest there
    entry.check('out_heat_p4_first_argmax_yx', points[0][0][3].astype(np.int64))
