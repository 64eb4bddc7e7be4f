"""Dense maps in a store: joints of whole images, or probabilities of classes."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ssltoolbox.apis.run_report.gallery import (
    Gallery,
    Sample,
    encode,
    fitted,
    hexadecimal,
    rounded,
)
from ssltoolbox.apis.run_report.labelled_data import LabelledData
from ssltoolbox.apis.run_report.pick import pick, shown_note
from ssltoolbox.apis.run_report.run import StageRun
from ssltoolbox.apis.run_report.stored_masks import class_legend, class_sample
from ssltoolbox.semi.map_store import MapStore
from ssltoolbox.utils.image_file import read_image
from ssltoolbox.utils.json_file import read_json
from ssltoolbox.visualization.colors import PAPER
from ssltoolbox.visualization.dense import distinct_colors, draw_maps

MEANING = {
    'confidence': 'what the filter, or the mean of the networks, says of the image',
    'disagreement': 'share of the pixels on which a network or view says otherwise',
}


def map_gallery(
    stage: StageRun,
    data: LabelledData,
    most: int,
    advance: Callable[[int, int], None],
) -> Gallery:
    """Show the maps of a :class:`~ssltoolbox.semi.map_store.MapStore`.

    Args:
        stage: The stage that made the store.
        data: The images that they belong to.
        most: Labels that are shown.
        advance: Told how many are done, of how many.
    """
    store, samples = MapStore.read(stage.store), []
    names = [*data.metainfo.get('keypoint_id2name', {}).values()]
    about = _about(stage)
    every = sorted(store.known)
    chosen = pick(every, most)
    for img_id in chosen:
        accepted, record = img_id in store.accepted, data.records.get(img_id, {})
        values = {'confidence': rounded(store.confidence[img_id])}
        values['disagreement'] = about.get(str(img_id), {}).get('disagreement')
        maps = store.load(img_id) if accepted else None
        name = record.get('frame') or record.get('img_path', f'image {img_id}')
        fate = 'kept' if accepted else 'dropped'
        head = (name.rsplit('/', 1)[-1], fate, values)
        if names or maps is None:
            samples.append(_joint_sample(*head, maps, record, names))
        else:
            classes = maps.argmax(0).astype(np.uint8)
            samples.append(class_sample(*head, classes, record, data.metainfo))
        advance(len(samples), len(chosen))
    colours = map(hexadecimal, distinct_colors(len(names)))
    legend = dict(zip(names, colours, strict=True)) or class_legend(data.metainfo)
    return Gallery(
        stage.name,
        'stored maps',
        samples,
        part='joint' if names else 'class',
        legend=legend,
        meaning=MEANING,
        notes=[*data.notes, *shown_note(chosen, every)],
    )


def _about(stage: StageRun) -> dict[str, dict]:
    return read_json(stage.store / 'meta.json', 'store', '').get('images', {})


def _joint_sample(
    name: str,
    fate: str,
    values: Mapping[str, float | None],
    maps: np.ndarray | None,
    record: Mapping[str, Any],
    names: list[str],
) -> Sample:
    """Make a sample of maps (C, h, w), joints first; none of a rejected image."""
    parts, picture = {}, None
    image = read_image(record['img_path'], upright=False) if record else None
    if maps is not None:
        peaks = maps.max((1, 2))[: len(names)].tolist()
        sure = [{'confidence': rounded(peak)} for peak in peaks]
        parts = dict(zip(names, sure, strict=True))
    if image is not None:
        drawn = fitted(image)
        if maps is not None:
            links = [PAPER] * (len(maps) - len(names))
            drawn = draw_maps(drawn, maps, [*distinct_colors(len(names)), *links])
        picture = encode(drawn)
    return Sample(name, fate, values, picture, parts=parts)
