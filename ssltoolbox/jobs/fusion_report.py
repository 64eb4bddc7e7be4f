"""What a fusion tells when it is done: in the log, and in a picture."""

from collections.abc import Mapping, Sequence
from logging import Logger
from pathlib import Path
from typing import Any

import numpy as np

from ssltoolbox.jobs.fusion_output import FusionOutput
from ssltoolbox.utils.image_file import read_image
from ssltoolbox.visualization.fusion_sheet import MAX_SHOWN, FusedImage, fusion_sheet

PERCENTILES = (0, 25, 50, 75, 100)


def summarise(records: np.ndarray, log: Logger) -> None:
    """Say how many images were accepted, and how sure and united the voters were."""
    kept, total = int(records['accepted'].sum()), len(records)
    confidence, disagreement = (
        ', '.join(f'{value:.3g}' for value in np.percentile(records[key], PERCENTILES))
        for key in ('confidence', 'disagreement')
    )
    log.info(
        f'accepted {kept} of {total} images, rejected {total - kept}; least, quartiles '
        f'and most of confidence: {confidence}; of disagreement: {disagreement}; '
        f'{records["kept"].mean():.1%} of the pixels have a class'
    )
    if not kept:
        log.warning(
            f'all {total} images were rejected, so no stage can train on these pseudo '
            f'labels: their disagreements are {disagreement}, and '
            f'{int((records["kept"] == 0).sum())} have no pixel above threshold. Raise '
            'max_disagreement or lower threshold, and run the stage again (--restart)'
        )


def write_sheet(
    path: Path,
    output: FusionOutput,
    store: Any,
    records: np.ndarray,
    names: Sequence[str],
    files: Mapping[int, str],
    metainfo: Mapping[str, Any],
) -> bool:
    """Draw images from the least to the most confident, as many as a sheet holds.

    Args:
        path: Picture to write.
        output: The kind of the store.
        store: The finished store.
        records: Of all images.
        names: Of the images, in the same order.
        files: Image file by id.
        metainfo: Meta information of the data set.

    Returns:
        Whether there was anything to draw.
    """
    order = np.argsort(records['confidence'], kind='stable')
    places = np.linspace(0, len(order) - 1, min(MAX_SHOWN, len(order))).round()
    rows = []
    for place in order[places.astype(int)]:
        record, name = records[place], names[place]
        label = output.load(store, int(record['id']))
        image = read_image(files[int(record['id'])], upright=False)
        if label is not None and image is not None:
            told = f'{name}: confidence {record["confidence"]:.3f}, '
            told += f'disagreement {record["disagreement"]:.1%}'
            told += f', {record["kept"]:.0%} kept' * bool(record['kept'] < 1)
            told += '' if record['accepted'] else ', rejected'
            rows.append(FusedImage(image, *label, told))
    if rows:
        fusion_sheet(rows, path, metainfo)
    return bool(rows)
