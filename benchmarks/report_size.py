"""Measure the page of a report with many pseudo labels: size, writing, loading.

Draws a store of poses on the images of a generated data set, as many labels as asked
for, by repeating its animals; writes the report, and opens it in headless Chromium.

Examples:
    python -m ssltoolbox.testing.toy_animals --out data/toy_animals
    python benchmarks/report_size.py --labels 100 1000 10000
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from ssltoolbox.apis.benchmarking.timing import machine
from ssltoolbox.apis.cli import command_line
from ssltoolbox.apis.run_report.report import write_report
from ssltoolbox.registry import DATASETS
from ssltoolbox.semi.store import LabelStore
from ssltoolbox.utils.json_file import write_json

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.apis.chromium import Browser, find_chromium  # noqa: E402

MIB = 2**20


def main() -> None:
    args = parse_args()
    print(machine())
    print(
        f'{"labels":>8}{"write s":>9}{"MiB":>7}{"KiB each":>10}{"shown s":>9}', end=''
    )
    print(f'{"complete s":>12}{"sort ms":>9}{"heap MiB":>10}{"cards":>7}')
    for count in args.labels:
        with tempfile.TemporaryDirectory() as folder:
            make_run(Path(folder), args.data_root, count)
            begin = time.process_time()
            path = write_report(folder, max_labels=count)
            took, size = time.process_time() - begin, path.stat().st_size
            line = (
                f'{count:>8}{took:>9.1f}{size / MIB:>7.1f}{size / count / 1024:>10.2f}'
            )
            print(line + loading(path), flush=True)


def make_run(folder: Path, data_root: Path, count: int) -> None:
    """Write a run whose only stage stored so many labels."""
    source = f'{data_root}/annotations/ap10k-train-split1.json'
    content = json.loads(Path(source).read_text())
    found = content['annotations']
    many = [{**found[i % len(found)], 'id': i + 1} for i in range(count)]
    write_json(folder / 'many.json', content | {'annotations': many})
    animals = dict(
        type='ssltoolbox.APTenKDataset',
        ann_file=str(folder / 'many.json'),
        data_root=str(data_root.absolute()),
    )
    data = DATASETS.build({**animals, 'pipeline': []})
    records = [data.get_data_info(i) for i in range(len(data))]
    points = np.concatenate([each['keypoints'] for each in records])
    draw = np.random.default_rng(0)
    scores = draw.uniform(size=points.shape[:2])
    points += draw.normal(scale=4, size=points.shape)
    stage = folder / 'pseudo_label'
    LabelStore.write(stage / 'store', [each['id'] for each in records], points, scores)
    record = dict(stage='pseudo_label', config='', run='', state='done', after={})
    write_json(
        stage / 'stage.json', record | dict(outputs=dict(store=f'{stage}/store'))
    )
    (stage / 'config.py').write_text(f'job = dict(dataset={animals!r})\n')


def loading(path: Path) -> str:
    """Times of the browser, in one row of the table."""
    program = find_chromium()
    if program is None:
        return '   no Chromium here'
    with Browser(program, limit=300) as browser:
        browser.open(path)
        times = browser.run(
            '(() => { const t = performance.getEntriesByType("navigation")[0];'
            'const p = performance.getEntriesByName("first-contentful-paint")[0];'
            'return [p ? p.startTime : NaN, t.loadEventEnd]; })()'
        )
        sorting = browser.run(
            '(() => { const s = document.getElementById("sort"), t = performance.now();'
            's.value = "error"; s.dispatchEvent(new Event("change"));'
            'return performance.now() - t; })()'
        )
        heap = browser.send('Runtime.getHeapUsage')['usedSize']
        cards = browser.run('document.querySelectorAll("#cards .card").length')
    shown, complete = (each / 1000 for each in times)
    row = f'{shown:>9.2f}{complete:>12.2f}{sorting:>9.0f}{heap / MIB:>10.1f}{cards:>7}'
    return row


def parse_args() -> argparse.Namespace:
    parser = command_line(__doc__)
    parser.add_argument('--labels', type=int, nargs='+', default=[100, 1000, 10000])
    parser.add_argument('--data-root', type=Path, default=Path('data/toy_animals'))
    return parser.parse_args()


if __name__ == '__main__':
    main()
