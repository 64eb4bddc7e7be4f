"""Point clouds and pictures of depth."""

import re
import tempfile
from pathlib import Path

import numpy as np

from ssltoolbox.datasets.depth.sfm_files import quaternion_matrix
from ssltoolbox.geometry.point_cloud import depth_range_scale, point_cloud
from ssltoolbox.utils.ply import write_ply
from ssltoolbox.visualization.depth import draw_depth, draw_flow

from ..registry import drives
from ..vectors import Entry


@drives('endodepth', 'point_cloud')
def clouds(entry: Entry) -> None:
    arguments = [entry[key] for key in ('depth', 'bgr', 'mask', 'K')]
    for name, stride in (('cloud', 1), ('cloud_step2', 2)):
        cloud = point_cloud(*arguments, stride=stride)
        entry.check(name, np.hstack([cloud.points, cloud.colors]))

    cloud = point_cloud(*arguments)
    told = entry.record['outputs']['cloud_posed']
    wanted = float(re.search(r'(\d+) units of depth range', told)[1])
    linear = depth_range_scale(cloud.points[:, 2], wanted) * entry['rotation']
    placed = cloud.placed(linear, entry['translation'])
    entry.check('cloud_posed', np.hstack([placed.points, placed.colors]))

    rotations = np.tile(np.eye(4), (len(entry['quaternions']), 1, 1))
    rotations[:, :3, :3] = [quaternion_matrix(q) for q in entry['quaternions']]
    entry.check('matrices', rotations)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, 'cloud.ply')
        write_ply(path, cloud.points[:5], cloud.colors[:5], 'ascii')
        (ours, numbers), (header, theirs) = map(
            parse, (path.read_bytes(), entry['ply_bytes'].tobytes())
        )
    assert ours == header
    np.testing.assert_allclose(numbers, theirs, *entry.bound())
    entry.differences['ply_bytes'] = float(np.abs(numbers - theirs).max())


def parse(content: bytes) -> tuple[str, np.ndarray]:
    """Header and table: the original writes 18 digits where nine tell all."""
    header, _, table = content.decode().partition('end_header\n')
    return header, np.loadtxt(table.splitlines())


@drives('endodepth', 'visualisation')
def pictures(entry: Entry) -> None:
    flow = entry['flow'][0]
    entry.check('bgr', draw_flow(flow))
    longest = float(entry['max_v'])
    entry.check('bgr_half_maxv', draw_flow(0.5 * flow, longest))
    height, width = flow.shape[1:]
    entry.check('max_v', np.hypot(flow[0], flow[1] * height / width).max())
    entry.check('depth_jet', draw_depth(entry['depth']))
