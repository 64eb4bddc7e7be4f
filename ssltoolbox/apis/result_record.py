"""What made the results in a folder, so that none made otherwise are added."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ssltoolbox.utils.json_file import read_json, write_json


class ResultRecord:
    """Refuse a folder with results of other settings.

    Args:
        out: The folder.
        settings: All that results depend on; plain values.

    Attributes:
        kind: Name of the results, for messages.
        record_name: File in ``out`` that has the settings.
        owned: Files and folders in ``out`` that results alone put there.
        earlier: What the record has already; empty without one.

    Raises:
        ValueError: The folder holds results that were made otherwise.
    """

    kind = 'results'
    record_name: str
    owned: tuple[str, ...] = ()

    def __init__(self, out: str | Path, settings: Mapping[str, Any]) -> None:
        self.out, self.settings = Path(out), plain(settings)
        self.earlier: dict[str, Any] = {}
        self._check()

    def _check(self) -> None:
        record = self.out / self.record_name
        if not record.is_file():
            if any((self.out / name).exists() for name in self.owned):
                raise ValueError(
                    f'{self.out} holds {self.kind}, and no {self.record_name} tells '
                    'what made them: choose another --out, or delete the folder'
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
                f'(other {", ".join(differing)}; see {self.record_name}): choose '
                'another --out, or delete the folder'
            )
        self.earlier = earlier

    def record(self) -> None:
        """Write what makes the results, before the first one."""
        if not (self.out / self.record_name).is_file():
            self.out.mkdir(parents=True, exist_ok=True)
            write_json(self.out / self.record_name, self.settings)


def plain(value: Any) -> Any:
    """The value as JSON gives it back."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value
