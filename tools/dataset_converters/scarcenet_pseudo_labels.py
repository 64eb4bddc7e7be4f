"""Turn pseudo labels published with ScarceNet (.npy) into a store of ours.

The originals are pickles keyed by the number of a record. They are read without
executing them, and written keyed by annotation id, without pickle.

Example:
    python tools/dataset_converters/scarcenet_pseudo_labels.py \\
        data/pseudo_labels/25shots/pseudo_labels_train.npy \\
        --annotations data/ap10k/annotations/ap10k-train-split1.json \\
        --out data/ap10k/pseudo_labels/25shot
"""

from pathlib import Path

import numpy as np

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.datasets.coco_file import read_coco, usable_instances
from ssltoolbox.datasets.pickled_arrays import read_pickled_arrays
from ssltoolbox.semi.store import LabelStore
from ssltoolbox.utils.digest import file_sha256


def convert(labels: Path, annotations: Path, out: Path, num_keypoints: int) -> None:
    """Read, match with the annotations, write, and print what was written.

    Raises:
        ValueError: A file is wrong, or the two do not belong together.
    """
    found = read_pickled_arrays(labels, (num_keypoints, 3))
    coco = read_coco(annotations, num_keypoints)
    # records are numbered in this order
    ids = [entry['id'] for _, entry, _ in usable_instances(coco)]
    if set(found) != set(range(len(ids))):
        raise ValueError(
            f'{labels} numbers {len(found)} records'
            + (f' from {min(found)} to {max(found)}' if found else '')
            + f', {annotations} has {len(ids)} usable instances (numbered from 0). '
            'Give the annotation file that the labels were made for: the published '
            'ones are for split 1 of the training data.'
        )
    values = np.stack([found[number] for number in range(len(ids))])
    scores = values[..., 2]
    binary = bool(np.isin(scores, (0, 1)).all())
    meta = dict(
        source=labels.name,
        source_sha256=file_sha256(labels),
        annotations=annotations.name,
        annotations_sha256=file_sha256(annotations),
        binary_scores=binary,
    )
    LabelStore.write(out, ids, values[..., :2], scores, meta)
    print(f'{out}: {len(ids)} instances, mean score {scores.mean():.3f}')
    if binary:
        print('scores are 0 or 1: a threshold was applied when the file was made')


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run the tool; wrong input ends it with one sentence."""
    parser = command_line(__doc__)
    parser.add_argument('labels', type=Path, help='pseudo_labels_train.npy')
    parser.add_argument('--annotations', type=Path, required=True, metavar='JSON')
    parser.add_argument('--out', type=Path, required=True, help='folder of the store')
    parser.add_argument('--num-keypoints', type=int, default=17)
    args = parser.parse_args(argv)
    convert(args.labels, args.annotations, args.out, args.num_keypoints)


if __name__ == '__main__':
    main()
