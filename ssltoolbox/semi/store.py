"""Pseudo labels on disk: one record per image or annotation, without pickle."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ssltoolbox.semi.store_meta import StoreMeta
from ssltoolbox.utils.atomic import atomic_path
from ssltoolbox.utils.digest import file_sha256

META = StoreMeta('ssltoolbox-pseudo-labels', 2)
FIELDS = ('ids', 'keypoints', 'scores', 'corrected')


@dataclass(frozen=True)
class LabelStore:
    """Keypoint pseudo labels of a data set, keyed by annotation id.

    On disk: a folder with ``labels.npz`` (``ids`` int64 (N,), ``keypoints`` float32
    (N, K, 2) in image pixels, ``scores`` float32 (N, K), ``corrected`` bool (N,)) and
    ``meta.json``, which says what made them and carries the hash of ``labels.npz``.
    Version 1 has no ``corrected``: all of its labels are those of networks.

    Attributes:
        ids: (N,) int64, strictly increasing.
        keypoints: (N, K, 2) float32, image pixels.
        scores: (N, K) float32.
        meta: Provenance: checkpoint hash, data set, parameters.
        corrected: (N,) bool, labels for which a person answers, not a network.
    """

    ids: np.ndarray
    keypoints: np.ndarray
    scores: np.ndarray
    meta: dict
    corrected: np.ndarray = None

    def __post_init__(self) -> None:
        if self.corrected is None:
            object.__setattr__(self, 'corrected', np.zeros(len(self.ids), bool))

    @classmethod
    def write(
        cls,
        folder: str | Path,
        ids,
        keypoints,
        scores,
        meta: dict | None = None,
        corrected=None,
    ) -> 'LabelStore':
        """Write a store, atomically; an existing one is replaced.

        Raises:
            ValueError: Shapes that do not fit, duplicate ids, numbers not finite.
        """
        arrays = {
            'ids': np.asarray(ids, dtype=np.int64),
            'keypoints': np.asarray(keypoints, dtype=np.float32),
            'scores': np.asarray(scores, dtype=np.float32),
        }
        person = np.zeros(len(arrays['ids'])) if corrected is None else corrected
        arrays['corrected'] = np.asarray(person, dtype=bool)
        # sorting would quietly leave out rows that have no id
        _check_shapes(arrays, str(folder))
        order = np.argsort(arrays['ids'], kind='stable')
        arrays = {key: value[order] for key, value in arrays.items()}
        _check(arrays, str(folder))
        labels = Path(folder) / 'labels.npz'
        with atomic_path(labels) as temporary:
            np.savez(temporary, **arrays)
        about = {'num_labels': len(order), 'sha256': file_sha256(labels)}
        meta = META.write(folder, {**(meta or {}), **about})
        return cls(**arrays, meta=meta)

    @classmethod
    def read(cls, folder: str | Path) -> 'LabelStore':
        """Read and validate a store.

        Raises:
            FileNotFoundError: There is none.
            ValueError: It is truncated, changed, or not a store; names the file.
        """
        labels = Path(folder) / 'labels.npz'
        with META.checking(folder):
            meta = META.read(folder, labels.name)
            if file_sha256(labels) != meta['sha256']:
                raise ValueError(
                    'labels.npz does not have the hash that meta.json names'
                )
            with np.load(labels, allow_pickle=False) as file:
                arrays = {key: file[key] for key in FIELDS if key in file}
            arrays.setdefault('corrected', np.zeros(len(arrays['ids']), bool))
            _check(arrays, str(folder))
        return cls(**arrays, meta=meta)

    def lookup(self, ids) -> np.ndarray:
        """Rows of the given ids.

        Raises:
            ValueError: Ids that the store does not hold, with their number.
        """
        ids = np.asarray(ids, dtype=np.int64)
        rows = np.searchsorted(self.ids, ids).clip(max=max(len(self.ids) - 1, 0))
        missing = ids[self.ids[rows] != ids] if len(self.ids) else ids
        if len(missing):
            raise ValueError(
                f'the pseudo-label store has no label for {len(missing)} of {len(ids)} '
                f'annotations (first ids: {missing[:5].tolist()}): it was made from '
                'another data set. Run the pseudo_label stage on this one'
            )
        return rows

    def score_threshold(self, drop_share: float) -> float:
        """Score above which a label counts, so that ``drop_share`` of all are dropped.

        All scores plus one leading 0 are sorted; the threshold is the value at index
        ``int(drop_share * (N + 1))``, one for all keypoints and classes. Labels of a
        person take no part.

        Args:
            drop_share: Share of the labels to drop, in [0, 1).

        Source: ScarceNet, where 0.4 is dropped.
        """
        if not 0 <= drop_share < 1:
            raise ValueError(f'drop_share must be in [0, 1), got {drop_share}')
        ordered = np.sort(np.concatenate([[0], self.scores[~self.corrected].ravel()]))
        return float(ordered[int(drop_share * len(ordered))])


def _check_shapes(arrays: dict, where: str) -> None:
    ids, keypoints, scores = arrays['ids'], arrays['keypoints'], arrays['scores']
    if (
        ids.ndim != 1
        or keypoints.shape != (*scores.shape, 2)
        or len(scores) != len(ids)
        or arrays['corrected'].shape != ids.shape
    ):
        raise ValueError(
            f'{where}: expected ids (N,), keypoints (N, K, 2), scores (N, K) and '
            f'corrected (N,), got {ids.shape}, {keypoints.shape}, {scores.shape}, '
            f'{arrays["corrected"].shape}'
        )


def _check(arrays: dict, where: str) -> None:
    _check_shapes(arrays, where)
    ids, keypoints, scores = arrays['ids'], arrays['keypoints'], arrays['scores']
    if (np.diff(ids) <= 0).any():
        raise ValueError(f'{where}: ids must be unique, {len(ids)} hold duplicates')
    if not (np.isfinite(keypoints).all() and np.isfinite(scores).all()):
        raise ValueError(f'{where}: keypoints and scores must be finite numbers')
