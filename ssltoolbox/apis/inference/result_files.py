"""A folder of results of one inference, to which a later call adds only the rest."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from mmengine import Config

from ssltoolbox.apis.inference.image_source import ImageSource
from ssltoolbox.utils.digest import file_sha256, settings_sha256
from ssltoolbox.utils.json_file import read_json, write_json

RECORD = 'inference.json'


class ResultFiles:
    """Name the files of results, and refuse a folder with those of other settings.

    Args:
        out: The folder.
        source: All inputs; their names make those of the results.
        settings: All that results depend on; plain values.

    Attributes:
        kind: Name of the results, for messages.
        owned: Files and folders in ``out`` that results alone put there.

    Raises:
        ValueError: The folder holds results that were made otherwise.
    """

    kind = 'results'
    owned: tuple[str, ...] = ()

    def __init__(
        self, out: str | Path, source: ImageSource, settings: Mapping[str, Any]
    ) -> None:
        self.out, self.settings = Path(out), plain(settings)
        self._stems = _stems([name for name, _ in source.items])
        self._videos = frozenset(source.videos)
        self._check()

    def _check(self) -> None:
        record = self.out / RECORD
        if not record.is_file():
            if any((self.out / name).exists() for name in self.owned):
                raise ValueError(
                    f'{self.out} holds {self.kind}, and no {RECORD} tells what made '
                    'them: choose another --out, or delete the folder'
                )
            return
        earlier = read_json(record, f'record of {self.kind}', f'Delete {self.out}.')
        differing = [
            key
            for key, value in self.settings.items()
            if not isinstance(earlier, dict) or earlier.get(key) != value
        ]
        if differing:
            raise ValueError(
                f'{self.out} holds {self.kind} that were made with other settings '
                f'(other {", ".join(differing)}; see {RECORD}): choose another --out, '
                'or delete the folder'
            )

    def path_of(self, folder: str, file: str, frame: int, suffix: str) -> Path:
        """Where a result of an image or of a frame of a video lies."""
        stem = self._stems[file]
        name = f'{stem}/{frame:06d}' if file in self._videos else stem
        return self.out / folder / f'{name}{suffix}'

    def record(self) -> None:
        """Write what makes the results, before the first one."""
        if not (self.out / RECORD).is_file():
            self.out.mkdir(parents=True, exist_ok=True)
            write_json(self.out / RECORD, self.settings)


def provenance(config: Config, checkpoint: str) -> dict[str, str]:
    """Hashes of a network's config and weights."""
    local = Path(checkpoint).is_file()
    return dict(
        config=settings_sha256(config.to_dict()),
        checkpoint=file_sha256(checkpoint) if local else str(checkpoint),
    )


def plain(value: Any) -> Any:
    """The value as JSON gives it back."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def _stems(names: Sequence[str]) -> dict[str, str]:
    """Names of results: without the suffix, unless two would be the same."""
    bare = {name: str(PurePosixPath(name).with_suffix('')) for name in names}
    count = Counter(bare.values())
    return {name: stem if count[stem] == 1 else name for name, stem in bare.items()}
