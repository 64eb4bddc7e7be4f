"""A folder of results of one inference, to which a later call adds only the rest."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from mmengine import Config

from ssltoolbox.apis.inference.image_source import ImageSource
from ssltoolbox.apis.result_record import ResultRecord
from ssltoolbox.utils.digest import file_sha256, settings_sha256


class ResultFiles(ResultRecord):
    """Name the files of results, and refuse a folder with those of other settings.

    Args:
        out: The folder.
        source: All inputs; their names make those of the results.
        settings: All that results depend on; plain values.

    Raises:
        ValueError: The folder holds results that were made otherwise.
    """

    record_name = 'inference.json'

    def __init__(
        self, out: str | Path, source: ImageSource, settings: Mapping[str, Any]
    ) -> None:
        super().__init__(out, settings)
        self._stems = _stems([name for name, _ in source.items])
        self._videos = frozenset(source.videos)

    def path_of(self, folder: str, file: str, frame: int, suffix: str) -> Path:
        """Where a result of an image or of a frame of a video lies."""
        stem = self._stems[file]
        name = f'{stem}/{frame:06d}' if file in self._videos else stem
        return self.out / folder / f'{name}{suffix}'


def provenance(config: Config, checkpoint: str) -> dict[str, str]:
    """Hashes of a network's config and weights."""
    local = Path(checkpoint).is_file()
    return dict(
        config=settings_sha256(config.to_dict()),
        checkpoint=file_sha256(checkpoint) if local else str(checkpoint),
    )


def _stems(names: Sequence[str]) -> dict[str, str]:
    """Names of results: without the suffix, unless two would be the same."""
    bare = {name: str(PurePosixPath(name).with_suffix('')) for name in names}
    count = Counter(bare.values())
    return {name: stem if count[stem] == 1 else name for name, stem in bare.items()}
