"""The stage that labels images by several networks, several views, or both."""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from logging import Logger
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from ssltoolbox.datasets.multi_source import sources_of
from ssltoolbox.datasets.transforms.branches import branch_collate
from ssltoolbox.datasets.transforms.view_set import PLAIN, ViewSet
from ssltoolbox.jobs.fusion_members import FusionMember, fusion_members
from ssltoolbox.jobs.fusion_output import RATES, Found, MapOutput, MaskOutput
from ssltoolbox.jobs.fusion_report import summarise, write_sheet
from ssltoolbox.jobs.labelling import LabellingJob
from ssltoolbox.jobs.voters import Voters
from ssltoolbox.registry import TASK_UTILS

WRITERS = 4
"""Threads that compress and write the pictures of a batch."""


@TASK_UTILS.register_module()
class FusionJob(LabellingJob):
    """Label whole images by the mean probabilities of all members and views.

    Data distillation is one member and several views (Radosavovic et al., CVPR 2018),
    model distillation several members and none but the plain view, and both together
    the third method of Semi-Seg. The label belongs to the unchanged image, and has its
    size: probabilities are enlarged before the class is chosen. Semi-Seg writes the
    label smaller, and beside another image.

    Beside the store it leaves ``pseudo_labels.jpg``, a sheet of some of the images.

    Args:
        members: ``dict(network=..., checkpoint=..., weight=1.0, which='auto')`` of each
            network; a weight of ``'${stage.score}'`` is its validation score.
        task: Config of the task adapter, ``ssltoolbox.SegTask``.
        dataset: Config of the images; its pipeline ends with ``ssltoolbox.ViewSet``.
        batch_size: Images per batch; each network sees one view of them at a time.
        num_workers: Processes that load images.
        threshold: Pixels of a lower confidence are ignored (255); 0 ignores none.
        max_disagreement: Images are rejected if this share of their pixels is
            disputed: one member or view gives another class than all together, in the
            plain view. None rejects none for that.
        soft: Store the probabilities, in the size of the networks' maps, in a
            :class:`~ssltoolbox.semi.map_store.MapStore`, in place of classes in a
            :class:`~ssltoolbox.semi.mask_store.MaskStore`.

    Raises:
        ValueError: Something is out of its range.
    """

    what = 'images'
    members: Sequence[FusionMember]
    collate = staticmethod(branch_collate)

    def __init__(
        self,
        members: Sequence[Mapping[str, Any]],
        task: dict,
        dataset: dict,
        batch_size: int = 8,
        num_workers: int = 2,
        threshold: float = 0.0,
        max_disagreement: float | None = None,
        soft: bool = False,
    ) -> None:
        super().__init__(fusion_members(members), dataset, batch_size, num_workers)
        if not 0 <= threshold < 1:
            raise ValueError(f'threshold must be in [0, 1), got {threshold}')
        if max_disagreement is not None and not 0 <= max_disagreement <= 1:
            raise ValueError(
                'max_disagreement must be a share in [0, 1] or None, got '
                f'{max_disagreement}'
            )
        if soft and threshold:
            raise ValueError(
                f'threshold={threshold} ignores pixels of a mask, and soft=True makes '
                'no masks: set threshold=0'
            )
        self.task_cfg, self.max_disagreement = task, max_disagreement
        self.limits = dict(
            threshold=threshold, max_disagreement=max_disagreement, soft=soft
        )
        self.output = MapOutput() if soft else MaskOutput(threshold)

    def provenance(self) -> dict[str, Any]:  # noqa: D102
        return dict(members=[member.provenance() for member in self.members])

    def settings(self, dataset) -> dict[str, Any]:  # noqa: D102
        return dict(
            task=self.task_cfg,
            **view_set_of(dataset).settings,
            **self.limits,
            classes=dataset.metainfo.get('classes'),
        )

    def fields(self, dataset) -> Sequence[tuple]:  # noqa: D102
        rates = ('confidence', *RATES)
        return [*((name, '<f8') for name in rates), ('accepted', '?')]

    def begin(self, store: Path) -> None:
        """Delete the store of another job: files are written while this one runs."""
        shutil.rmtree(store, ignore_errors=True)
        (store.parent / 'pseudo_labels.jpg').unlink(missing_ok=True)

    def load_networks(self, dataset) -> list[nn.Module]:  # noqa: D102
        networks = super().load_networks(dataset)
        self._check_classes(networks, dataset.metainfo)
        return networks

    def try_out(self, networks: list[nn.Module], data: dict, layout: dict) -> None:  # noqa: D102
        self._check_classes(networks, layout)
        super().try_out(networks, data, layout)

    @torch.no_grad()
    def predict_all(
        self, networks: list[nn.Module], loader: Iterable[dict]
    ) -> Iterator[tuple]:
        """Give ids, disagreements (B,), and what is kept of each image."""
        voters = self._voters(networks)
        for data in loader:
            ids, fused, cells = voters.fuse(data)
            sizes = [
                tuple(sample.metainfo['ori_shape'][:2])
                for sample in data['data_samples'][PLAIN]
            ]
            found = [
                self.output.found(share, size, cells)
                for share, size in zip(fused.share, sizes, strict=True)
            ]
            yield ids, fused.disagreement.double().cpu().numpy(), found

    def record(
        self,
        store: Path,
        ids: Sequence[int],
        disagreement: np.ndarray,
        found: Sequence[Found],
    ) -> tuple:
        """Write the files of a batch; they are there before their records say so."""
        kept = np.array([each.kept for each in found])
        accepted = kept > 0
        if self.max_disagreement is not None:
            accepted &= disagreement <= self.max_disagreement
        with ThreadPoolExecutor(WRITERS) as pool:
            # a list, so that what fails in a thread is raised here
            list(pool.map(self.output.write, [store] * len(ids), ids, found, accepted))
        return ids, [each.confidence for each in found], disagreement, kept, accepted

    def finish(
        self, store: Path, records: np.ndarray, meta: dict, log: Logger, dataset
    ) -> None:
        """Complete the store, say what is in it, and draw some of the images."""
        paths = image_paths(dataset)
        names = [paths[int(i)][0] for i in records['id']]
        written = self.output.finish(store, records, names, meta)
        summarise(records, log)
        files = {i: path for i, (_, path) in paths.items()}
        sheet = store.parent / 'pseudo_labels.jpg'
        if write_sheet(
            sheet, self.output, written, records, names, files, dataset.metainfo
        ):
            log.info(f'some of them are drawn in {sheet}')

    def _voters(self, networks: list[nn.Module]) -> Voters:
        # weights are unknown where a config is only checked
        weights = [1.0 if m.weight is None else m.weight for m in self.members]
        return Voters(networks, self.task_cfg, weights)

    def _check_classes(self, networks: list[nn.Module], layout: Mapping) -> None:
        count = self._voters(networks).num_classes
        classes = layout.get('classes')
        if classes and len(classes) != count:
            raise ValueError(
                f'the members tell {count} classes apart, the data set has '
                f'{len(classes)}: {", ".join(classes)}. Give both the same classes'
            )


def view_set_of(dataset) -> ViewSet:
    """Find the transform that makes the views of a data set.

    Raises:
        TypeError: Its pipeline ends with another one.
    """
    steps = sources_of(dataset)[0].pipeline.transforms
    if not steps or not isinstance(steps[-1], ViewSet):
        last = type(steps[-1]).__name__ if steps else 'nothing'
        raise TypeError(
            "the pipeline of a FusionJob's dataset must end with ssltoolbox.ViewSet, "
            f'it ends with {last}'
        )
    return steps[-1]


def image_paths(dataset) -> dict[int, tuple[str, str]]:
    """``{id: (name, file)}`` of all images of a data set."""
    found = {}
    for source in sources_of(dataset):
        for index in range(len(source)):
            record = source.get_data_info(index)
            path = record['img_path']
            found[int(record['id'])] = record.get('frame') or Path(path).name, path
    return found
