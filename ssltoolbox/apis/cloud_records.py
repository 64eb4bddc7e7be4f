"""Residuals of clouds, written as clouds finish, and read where a run was stopped."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ssltoolbox.apis.result_record import ResultRecord
from ssltoolbox.utils.json_file import write_json

AVERAGED = ('mean', 'std', 'median', 'rms', 'p75', 'p90', 'p95', 'max')


class CloudRecords(ResultRecord):
    """``residuals.json``: what made the residuals, those of each cloud, and means.

    Args:
        out: The folder.
        settings: All that residuals depend on; plain values.
        more: What else the file tells.
        hashes: Of the content of each cloud, by its name.

    Attributes:
        clouds: Records of the clouds that are done, by their names.

    Raises:
        ValueError: The folder holds residuals that were measured otherwise.
    """

    kind = 'residuals'
    record_name = 'residuals.json'

    def __init__(
        self,
        out: Path,
        settings: Mapping[str, Any],
        more: Mapping[str, Any],
        hashes: Mapping[str, str],
    ) -> None:
        super().__init__(out, settings)
        self._more, self._hashes = more, hashes
        before = self.earlier.get('clouds', {})
        # those that were replaced are measured anew
        self.clouds: dict[str, dict[str, Any]] = {
            name: before[name]
            for name, digest in hashes.items()
            if before.get(name, {}).get('sha256') == digest
        }

    def add(self, name: str, record: dict[str, Any]) -> None:
        """Write the residuals of one more cloud, or why it has none."""
        # a cloud that failed has no hash, and is tried again
        known = {} if 'failed' in record else dict(sha256=self._hashes[name])
        self.clouds[name] = record | known
        if self.good:
            self.write()

    def write(self) -> None:
        """Write what is known."""
        write_json(self.out / self.record_name, self.content)

    @property
    def good(self) -> list[dict[str, Any]]:
        """Records of the clouds that were registered."""
        return [each for each in self.clouds.values() if 'failed' not in each]

    @property
    def content(self) -> dict[str, Any]:
        """What the file has."""
        summary = summarise(self.good, len(self.clouds))
        summary['left'] = len(self._hashes) - len(self.clouds)
        return dict(**self._more, **self.settings, clouds=self.clouds, summary=summary)


def summarise(clouds: Sequence[dict[str, Any]], total: int) -> dict[str, Any]:
    """Means over clouds, each of which counts the same.

    Args:
        clouds: Those that were registered, as in ``residuals.json``.
        total: Number of all.
    """
    scales = np.array([each['scale'] for each in clouds])
    residuals = {
        key: float(np.mean([each['residuals'][key] for each in clouds]))
        for key in AVERAGED
    }
    return dict(
        registered=len(clouds),
        failed=total - len(clouds),
        doubtful=sum(bool(each['doubts']) for each in clouds),
        residuals=residuals,
        scale=dict(mean=float(scales.mean()), std=float(scales.std())),
    )
