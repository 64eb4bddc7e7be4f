"""Maps of joints and connections, and how they are read."""

import numpy as np
import torch

from ssltoolbox.codecs.connection_rendering import connection_maps, joint_maps
from ssltoolbox.codecs.joint_connection_maps import JointConnectionMaps
from ssltoolbox.codecs.line_integral import segment_points
from ssltoolbox.codecs.peaks import is_peak

from ..registry import drives
from ..vectors import Entry

JOINTS = 5
CONNECTIONS = ((0, 2), (1, 2), (2, 3), (3, 4))


def axes(entry: Entry) -> tuple[torch.Tensor, torch.Tensor]:
    """Places of columns and rows."""
    return tuple(
        torch.arange(entry.params[side], dtype=torch.double) for side in ('w', 'h')
    )


@drives('ssl2dpose', 'heatmap_gaussian')
def heatmap_gaussian(entry: Entry) -> None:
    points = torch.from_numpy(entry['in_mu_yx']).double().flip(-1)[None, None]
    visible = torch.ones(points.shape[:3])
    for sigma in entry.params['sigma']:
        maps = joint_maps(points, visible, *axes(entry), sigma)
        entry.check(f'out_sig{sigma}', maps[0])


@drives('ssl2dpose', 'heatmap_line')
def heatmap_line(entry: Entry) -> None:
    """The original's circle is at an exchanged place; ours differs only in it."""
    starts, ends = torch.from_numpy(entry['in_points_xy'])[None, None].unbind(-2)
    visible = torch.ones(starts.shape[:3])
    for sigma in entry.params['sigma']:
        segments = (starts, ends, visible, *axes(entry), sigma)
        entry.check(f'out_sig{sigma}', connection_maps(*segments, legacy_disk=True)[0])
        ours = connection_maps(*segments)[0].numpy()
        theirs = entry[f'out_sig{sigma}']
        both = (ours > 0) & (theirs > 0)
        np.testing.assert_allclose(ours[both], theirs[both], atol=entry.bound()[1])


@drives('ssl2dpose', 'endovis_label_native')
def endovis_label_native(entry: Entry) -> None:
    tools = entry['in_points_xy_tool1_tool2']
    h, w = entry.params['h'], entry.params['w']
    codec = JointConnectionMaps(
        (w, h), (w, h), entry.params['sigma'], JOINTS, CONNECTIONS, legacy_disk=True
    )
    # the original pairs joints as they are listed in the file: here in one order
    label = _render(codec, tools)
    entry.check('out_label9_stride12', label[::12, ::12])
    # sums of half a million float32 values
    entry.check('out_label9_channel_sums', label.sum((0, 1), dtype=np.float64))
    separate = [_render(codec, tool[None])[..., :JOINTS] for tool in tools]
    label10 = np.concatenate(separate, -1)
    entry.check('out_label10_stride24', label10[::24, ::24])
    for key, maps in (('9', label), ('10', label10)):
        _check_argmax(entry, f'out_label{key}_argmax_yx', maps)


def _render(codec: JointConnectionMaps, tools: np.ndarray) -> np.ndarray:
    """(h, w, C) as the original keeps it."""
    visible = torch.ones(1, *tools.shape[:2])
    maps = codec.render(torch.from_numpy(tools)[None], visible)[0]
    return maps.permute(1, 2, 0).numpy()


def _check_argmax(entry: Entry, key: str, maps: np.ndarray) -> None:
    """A maximum may be reached at several places: the value there must be the same."""
    places, flat = entry[key], maps.reshape(-1, maps.shape[-1])
    values = maps[places[:, 0], places[:, 1], np.arange(len(places))]
    tied = np.isclose(flat.max(0), values, *entry.bound())
    own = np.stack(np.unravel_index(flat.argmax(0), maps.shape[:2]), 1)
    entry.check(key, np.where(tied[:, None], places, own))


@drives('ssl2dpose', 'nms')
def nms(entry: Entry) -> None:
    maps = torch.from_numpy(entry['in_heatmap']).permute(2, 0, 1)[None]
    base = torch.tensor(entry.params['base'])
    peaks = is_peak(maps, entry.params['window'], base)[0]
    entry.check('out_suppressed', peaks.permute(1, 2, 0))
    # channel by channel, each row by row
    channel, y, x = peaks.nonzero().unbind(1)
    entry.check('out_peaks_channel_x_y', torch.stack([channel, x, y], 1))


@drives('ssl2dpose', 'line_integral')
def line_integral(entry: Entry) -> None:
    """Our places, as many as the original takes and added up, give its sums.

    It takes one place per column, reads the cell below it, and gives a penalty where
    a segment leaves the map.
    """
    cells = entry['in_connectivity']
    penalty = int(entry.find(r'(-\d+) outside the map')[0])
    counts, scores = [], []
    for i, segment in enumerate(torch.from_numpy(entry['in_y1x1y2x2']).double()):
        start, end = segment.view(2, 2)
        counts.append(int((end - start)[1].abs()) + 1)
        read = list(_cells_below(segment_points(start, end, counts[-1]).numpy()))
        sums = [_sum(cells, places, penalty) for places in read]
        expected = entry['out_score'][i]
        scores.append(min(sums, key=lambda value: abs(value - expected)))
        if i == 0:
            rows = entry['out_points0_y']
            best = min(read, key=lambda places: np.abs(places[:, 0] - rows).sum())
            entry.check('out_points0_y', best[:, 0])
            entry.check('out_points0_x', best[:, 1])
    entry.check('out_n_samples', counts)
    entry.check('out_score', scores)


def _cells_below(places: np.ndarray):
    """Cells (n, 2) as (row, column) that the original may read at (n, 2) places.

    Where a segment meets a row exactly, as at its first end, rounding decides whether
    it reads this row or the one below.
    """
    near = np.floor(places + 1e-6).astype(int)
    exact = np.abs(places[:, 0] - near[:, 0]) < 1e-6
    exact[-1] = False
    first = np.zeros_like(exact)
    first[0] = exact[0]
    for lower in (np.zeros_like(exact), first, exact):
        yield near - np.stack([lower, np.zeros_like(lower)], 1)


def _sum(cells: np.ndarray, places: np.ndarray, penalty: int) -> float:
    inside = ((places >= 0) & (places < cells.shape)).all()
    return cells[tuple(places.T)].sum(dtype=np.float64) if inside else penalty
