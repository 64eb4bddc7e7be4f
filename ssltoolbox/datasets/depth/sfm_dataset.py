"""Pairs of frames of endoscopic video, with structure from motion as supervision."""

import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dataset import BaseDataset
from mmengine.logging import print_log

from ssltoolbox.datasets.leaks.image_set import LeakError
from ssltoolbox.registry import DATASETS
from ssltoolbox.utils.digest import name_id

from .cache import prepared
from .pairs import draw_partner
from .prepare import SfmSettings, check_size, common_size
from .sfm_sequence import SfmSequence


@DATASETS.register_module()
class SfmDataset(BaseDataset):
    """One record per registered frame of sequences with structure from motion.

    Sequences are the folders with a ``motion.yaml`` below ``data_root``, of which the
    name of the folder above ends with the number of the patient: ``bag_1/_start_...``.

    A record has ``prepared``, its :class:`~.prepare.PreparedSequence`, ``sequence``,
    its number, ``view`` and ``other``, the positions of the frame and of a second one
    that was drawn for it, ``img_path`` and ``other_path``, and ``id``.

    Args:
        data_root: Folder of the sequences.
        patients: Their numbers; None takes all sequences.
        settings: Fields of :class:`~.prepare.SfmSettings`.
        size: (width, height) of what the network sees; None for the smallest that holds
            what is valid of all these sequences. Give it where several data sets have
            to agree.
        adjacent: Bounds of the distance between two frames, in registered views.
        views: (first, last + 1) position of the frames of each sequence; None: all.
        forbidden: Data sets that must share no frame and no patient with this one.
            Sharing patients is accepted, with a warning, where both have ``views``.
        labelled: Whether methods that learn from labels, such as
            ``ssltoolbox.MeanTeacher``, take the depth of points for labels.
        cache: Folder of the prepared sequences, relative to ``data_root``; None: none.
        kwargs: Fields of mmengine's ``BaseDataset``, such as ``pipeline``.

    Raises:
        FileNotFoundError: There is no sequence, or a file of one is absent.
        ValueError: A sequence cannot be used, or data sets overlap.
    """

    def __init__(
        self,
        data_root: str,
        patients: Sequence[int] | None = None,
        settings: dict[str, Any] | None = None,
        size: tuple[int, int] | None = None,
        adjacent: tuple[int, int] = (5, 30),
        views: tuple[int, int] | None = None,
        forbidden: Sequence[dict] = (),
        labelled: bool = False,
        cache: str | None = 'prepared',
        **kwargs: Any,
    ) -> None:
        if not 0 < adjacent[0] <= adjacent[1]:
            raise ValueError(
                'adjacent needs two distances in views, such as (5, 30), the first at '
                f'least 1 and not above the second, got {adjacent}'
            )
        self.patients = None if patients is None else set(patients)
        self.settings = SfmSettings.read(settings)
        if size is not None:
            check_size(size, self.settings.multiple)
        self.size, self.adjacent, self.views = size, adjacent, views
        self.labelled = labelled
        self.cache = None if cache is None else Path(data_root, cache)
        super().__init__(data_root=data_root, serialize_data=False, **kwargs)
        for other in forbidden:
            self._check_apart(DATASETS.build({**other, 'forbidden': ()}))

    def load_data_list(self) -> list[dict[str, Any]]:
        """Read and prepare the sequences; list their frames."""
        folders = find_sequences(self.data_root, self.patients)
        raw = [
            SfmSequence.read(
                folder, self.settings.suffix, self.settings.intrinsics_per_view
            )
            for folder in folders
        ]
        width, height = self.size or common_size(raw, self.settings)
        self.sequences = [
            prepared(each, self.settings, (width, height), self.cache) for each in raw
        ]
        self.raw = raw
        return [
            self._record(number, view)
            for number in range(len(raw))
            for view in self._positions(number)
        ]

    def get_data_info(self, idx: int) -> dict[str, Any]:
        """Record of a frame, with another second frame each time."""
        record = super().get_data_info(idx)
        number = record['sequence']
        positions = self._positions(number)
        drawn = draw_partner(
            record['view'] - positions[0], len(positions), self.adjacent, random.randint
        )
        other = positions[drawn]
        return {
            **record,
            'prepared': self.sequences[number],
            'mask': self.raw[number].mask,
            'other': other,
            'other_path': str(self.raw[number].images[other]),
        }

    def prepare_data(self, idx: int) -> Any:
        """Run the pipeline, on another frame where one shows no point at all."""
        for _ in range(len(self)):
            sample = self.pipeline(self.get_data_info(idx))
            if sample is not None:
                return sample
            idx = random.randrange(len(self))
        folders = ', '.join(str(each.folder) for each in self.raw[:3])
        raise ValueError(
            f'no point of structure from motion was found in {len(self)} frames drawn '
            f'from {folders} ...: see where the points fall by tools/browse_sfm.py'
        )

    @property
    def ids(self) -> np.ndarray:
        """Id of every frame, int64."""
        return np.array([record['id'] for record in self.data_list], np.int64)

    @property
    def sequence_names(self) -> list[str]:
        """Folder of each sequence, relative to ``data_root``."""
        return [each.folder.relative_to(self.data_root).as_posix() for each in self.raw]

    def _positions(self, number: int) -> range:
        count = len(self.raw[number].frames)
        positions = range(count)[slice(*(self.views or (0, count)))]
        if len(positions) < 2:
            raise ValueError(
                f'{self.raw[number].folder}: views {self.views} hold {len(positions)} '
                f'of {count} registered frames, and pairs need two'
            )
        return positions

    def _record(self, number: int, view: int) -> dict[str, Any]:
        sequence = self.raw[number]
        path = sequence.images[view]
        name = path.relative_to(self.data_root).as_posix()
        return dict(
            id=name_id(name),
            img_id=name_id(name),
            img_path=str(path),
            name=name,
            sequence=number,
            view=view,
            patient=patient_of(sequence.folder),
            labelled=self.labelled,
        )

    def _check_apart(self, other: 'SfmDataset') -> None:
        """Refuse frames and patients that another data set has too."""
        ours, theirs = (
            {r['patient'] for r in each.data_list} for each in (self, other)
        )
        if not ours & theirs:
            return
        patients = sorted(ours & theirs, key=str)
        told = f'patients {patients} are in two parts of {self.data_root}'
        if self.views is None or other.views is None:
            raise LeakError(
                f'{told}, of which one must not be trained on: name disjoint patients, '
                'or give both parts views if one patient is all there is'
            )
        shared = set(self.ids.tolist()) & set(other.ids.tolist())
        if shared:
            raise LeakError(
                f'{told}, and so are {len(shared)} frames: views {self.views} and '
                f'{other.views} overlap'
            )
        print_log(f'{told}, by frames: results are not those of a new patient')


def find_sequences(root: str | Path, patients: set[int] | None) -> list[Path]:
    """Folders of sequences below a root, sorted; of some patients or of all.

    Raises:
        FileNotFoundError: There is none, or none of a patient.
    """
    folders = sorted(path.parent for path in Path(root).rglob('motion.yaml'))
    if not folders:
        raise FileNotFoundError(
            f'{Path(root).absolute()} has no folder with a motion.yaml: it should hold '
            'one folder per patient, such as bag_1, with the sequences in it'
        )
    if patients is None:
        return folders
    known = {patient_of(folder) for folder in folders}
    if patients - known:
        raise FileNotFoundError(
            f'{root} has no sequence of the patients {sorted(patients - known)}: the '
            'name of the folder above a sequence ends with the number of its patient; '
            f'found {sorted(n for n in known if n is not None)}'
        )
    return [folder for folder in folders if patient_of(folder) in patients]


def patient_of(folder: Path) -> int | None:
    """Number at the end of the name of the folder above, None without one."""
    match = re.search(r'(\d+)$', folder.parent.name)
    return None if match is None else int(match[1])
