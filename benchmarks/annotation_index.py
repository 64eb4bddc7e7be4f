"""Measure how long a large annotation file loads and how much memory it holds.

Examples:
    python benchmarks/annotation_index.py
    python benchmarks/annotation_index.py --instances 100000 --against-mmpose
"""

import json
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from ssltoolbox.apis.benchmarking.timing import MIB, resident
from ssltoolbox.apis.cli import command_line


def write_annotations(path: Path, instances: int, per_image: int = 2) -> None:
    """Write a synthetic AP-10K file, piece by piece, so that memory stays small."""
    rng = np.random.default_rng(0)
    head = dict(id=1, name='cow', supercategory='Bovidae')
    images = -(-instances // per_image)
    with open(path, 'w') as file:
        file.write('{"categories": ' + json.dumps([head]) + ', "images": [')
        for i in range(images):
            entry = dict(id=i, file_name=f'{i:012d}.jpg', width=640, height=480)
            file.write((', ' if i else '') + json.dumps(entry))
        file.write('], "annotations": [')
        for i in range(instances):
            keypoints = rng.integers(1, 480, (17, 3))
            keypoints[:, 2] = 2
            entry = dict(
                id=i,
                image_id=i // per_image,
                category_id=1,
                bbox=[10, 20, 300, 200],
                area=60000,
                iscrowd=0,
                num_keypoints=17,
                keypoints=keypoints.ravel().tolist(),
            )
            file.write((', ' if i else '') + json.dumps(entry))
        file.write(']}')


def measure(type_: str, path: Path, count: int) -> None:
    """Build the data set in this fresh process and print one line."""
    from ssltoolbox.datasets.pose.metainfo import resolve_metainfo
    from ssltoolbox.registry import DATASETS

    DATASETS.get(type_)
    layout = resolve_metainfo(dict(from_file='configs/_base_/datasets/ap10k.py'))
    before = resident()
    start = time.perf_counter()
    data = DATASETS.build(dict(type=type_, ann_file=str(path), metainfo=layout))
    loaded = time.perf_counter() - start
    held = resident() - before
    start = time.perf_counter()
    for i in np.random.default_rng(0).integers(len(data), size=2000):
        data.get_data_info(int(i))
    access = (time.perf_counter() - start) / 2000
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
    print(
        f'{type_:26} {count:>9} instances: load {loaded:7.2f} s, holds {held:7.0f} MiB '
        f'({held * MIB / count:5.0f} B each), peak {peak:7.0f} MiB, '
        f'access {access * 1e6:5.0f} us'
    )


def main(argv: list[str] | None = None) -> None:
    """Write the file, then load it in a process of its own."""
    parser = command_line(__doc__)
    parser.add_argument('--instances', type=int, default=1_000_000)
    parser.add_argument(
        '--against-mmpose', action='store_true', help='load with mmpose as well'
    )
    args = parser.parse_args(argv)
    types = ['ssltoolbox.APTenKDataset']
    if args.against_mmpose:
        types.append('mmpose.AP10KDataset')
    # A fresh process each: memory that an earlier load left behind does not count.
    context = multiprocessing.get_context('spawn')
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'annotations.json'
        write_annotations(path, args.instances)
        print(f'annotation file: {path.stat().st_size / MIB:.0f} MiB', flush=True)
        for type_ in types:
            process = context.Process(
                target=measure, args=(type_, path, args.instances)
            )
            process.start()
            process.join()
            if process.exitcode:
                raise SystemExit(f'{type_} failed to load the file')


if __name__ == '__main__':
    main()
