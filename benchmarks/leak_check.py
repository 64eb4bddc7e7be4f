"""What the comparison of images before a run costs: hashing, search and cache.

Pictures of smooth random texture are written as JPEG, one part to be trained on and one
for the test, some of which are copies. The same call is then made with empty and with
filled cache.

Examples:
    python benchmarks/leak_check.py
    python benchmarks/leak_check.py --images 1000 --side 1080 --threads 4
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from ssltoolbox.apis.benchmarking.timing import machine
from ssltoolbox.apis.cli import command_line
from ssltoolbox.datasets.leaks.hash_files import hash_files
from ssltoolbox.datasets.leaks.nearest import nearest


def parse_args() -> argparse.Namespace:
    parser = command_line(__doc__)
    parser.add_argument('--images', type=int, default=10_000, help='of both parts')
    parser.add_argument('--test', type=int, default=1000, help='of them for the test')
    parser.add_argument('--copies', type=int, default=20, help='test images in both')
    parser.add_argument('--side', type=int, default=480, help='height in pixels')
    parser.add_argument('--threads', type=int, default=os.cpu_count())
    return parser.parse_args()


def draw(folder: Path, numbers: range, side: int, quality: int) -> list[str]:
    """Write pictures; the same numbers show the same."""
    folder.mkdir()
    paths = []
    for number in numbers:
        coarse = np.random.default_rng(number).integers(0, 256, (12, 16, 3), np.uint8)
        picture = cv2.resize(coarse, (side * 4 // 3, side), interpolation=2)
        path = folder / f'{number:06d}.jpg'
        cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        paths.append(str(path))
    return paths


def timed(what: str, action) -> object:
    start = time.perf_counter(), time.process_time()
    result = action()
    wall, cpu = time.perf_counter() - start[0], time.process_time() - start[1]
    print(f'{what:40s} {wall:8.2f} s, {cpu:8.2f} s of CPU', flush=True)
    return result


def main() -> None:
    args = parse_args()
    cv2.setNumThreads(0)
    print(machine('cpu'))
    count = args.images - args.test
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        train = draw(root / 'train', range(count), args.side, 90)
        begin = count - args.copies
        numbers = range(begin, begin + args.test)
        test = draw(root / 'test', numbers, args.side, 75)
        files, cache = train + test, root / 'cache'
        print(f'{count} and {args.test} pictures, {args.threads} threads')

        def hashed():
            return hash_files(files, cache, args.threads)[0]

        bits = timed('hashes, nothing kept', hashed)
        timed('hashes, all kept', hashed)
        distances, _ = timed('search', lambda: nearest(bits[:count], bits[count:]))
        size = sum(path.stat().st_size for path in cache.iterdir())
        print(f'{int((distances <= 6).sum())} of {args.copies} copies found')
        others = np.sort(distances[args.copies :])[0]
        print(f'nearest other picture: {others} bits; cache: {size / 2**20:.1f} MiB')


if __name__ == '__main__':
    main()
