"""The data set whose pseudo labels a stage stored."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mmengine.registry import init_default_scope

from ssltoolbox.apis.run_report.run import Run, StageRun
from ssltoolbox.datasets.multi_source import sources_of
from ssltoolbox.registry import DATASETS


@dataclass(frozen=True)
class LabelledData:
    """What is known of the images behind the labels of a store.

    Attributes:
        records: By id, with ``img_path``; empty where the data are not here.
        metainfo: Of the data set.
        notes: Why there is nothing.
        drop_share: Share of the labels that the training drops for low scores; None
            where it takes all of them or has not begun.
    """

    records: dict[int, dict[str, Any]] = field(default_factory=dict)
    metainfo: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    drop_share: float | None = None


def labelled_data(run: Run, stage: StageRun) -> LabelledData:
    """Open the data set of a store, without reading images.

    A store of keypoints has those of all instances: shown are those that a later stage
    learns from. Of stores of whole images, which list what was rejected, all are shown.

    Args:
        run: The run.
        stage: One with a store.
    """
    store, config = str(stage.outputs['store']), stage.config
    dataset, share = config.get('job', {}).get('dataset'), None
    for entry in (d for each in run.stages for d in dictionaries(each.config)):
        if entry.get('pseudo_labels') == store and 'drop_share' in entry:
            dataset, share = entry, float(entry['drop_share'])
    if not dataset:
        told = f'{stage.folder}/config.py does not say what was labelled'
        return LabelledData(notes=[f'Pictures and truth are missing: {told}.'])
    init_default_scope(config.get('default_scope', 'mmpose'))
    try:
        built = DATASETS.build({**dataset, 'pipeline': []})
    except (OSError, ValueError, KeyError) as error:
        told = f'Pictures and truth are missing: {error}'
        return LabelledData(notes=[told], drop_share=share)
    infos = (s.get_data_info(i) for s in sources_of(built) for i in range(len(s)))
    records = {int(record['id']): record for record in infos}
    return LabelledData(records, built.metainfo, [], share)


def dictionaries(value: Any) -> Iterator[dict[str, Any]]:
    """Every dictionary in a config, in depth."""
    if isinstance(value, dict):
        yield value
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return
    for each in value:
        yield from dictionaries(each)
