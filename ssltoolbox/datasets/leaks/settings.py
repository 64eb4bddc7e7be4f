"""What is compared before a run, and what is accepted: ``leak_check`` of a config."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from .hash_cache import default_folder
from .picture_hash import BITS

KINDS = ('file', 'copy', 'group')
"""What is refused: the same file, the same picture in two files, a shared group."""


@dataclass(frozen=True)
class LeakSettings:
    """Fields of ``leak_check``.

    Args:
        allow: Why images may be on both sides; the log keeps it, and what would be
            refused is only warned about. A text is for everything, ``{kind: text}`` for
            one of the kinds in ``KINDS``. None refuses.
        pictures: Whether what pictures show is compared, too; if not, only files, ids
            and groups are.
        max_copy: Two pictures of at most so many other bits, of 256, are the same one,
            stored twice.
        max_similar: With at most so many they are called alike: neighbouring frames of
            a video, or slices of a scan.
        max_images: Of larger parts, so many images are compared by what they show,
            evenly spread. Files, ids and groups are compared for all.
        cache: Folder of the fingerprints; None takes ``~/.cache/ssltoolbox/pictures``.

    Raises:
        ValueError: A value is out of range.
    """

    allow: str | dict[str, str] | None = None
    pictures: bool = True
    max_copy: int = 6
    max_similar: int = 32
    max_images: int = 50_000
    cache: str | None = None

    def __post_init__(self) -> None:
        self._check_reasons()
        if not 0 <= self.max_copy <= self.max_similar <= BITS:
            raise ValueError(
                f'leak_check needs 0 <= max_copy <= max_similar <= {BITS} bits, got '
                f'{self.max_copy} and {self.max_similar}'
            )
        if self.max_images < 1:
            raise ValueError(f'leak_check.max_images is at least 1: {self.max_images}')

    @classmethod
    def read(cls, values: dict[str, Any] | None) -> 'LeakSettings':
        """Read the field of a config.

        Raises:
            ValueError: A key is unknown, or a value is out of range.
        """
        known = [each.name for each in fields(cls)]
        unknown = sorted(set(values or {}) - set(known))
        if unknown:
            raise ValueError(
                f'leak_check has no {", ".join(unknown)}; it has {", ".join(known)}'
            )
        return cls(**(values or {}))

    def reason(self, kind: str) -> str | None:
        """Why findings of a kind are accepted; None if they are not."""
        return self.allow.get(kind) if isinstance(self.allow, dict) else self.allow

    def _check_reasons(self) -> None:
        reasons = self.allow if isinstance(self.allow, dict) else {'file': self.allow}
        for kind, reason in reasons.items():
            if kind not in KINDS:
                raise ValueError(
                    f'leak_check.allow has no {kind!r}; it has {", ".join(KINDS)}'
                )
            if reason is None and self.allow is None:
                continue
            if not isinstance(reason, str) or not reason.strip():
                raise ValueError(
                    "leak_check.allow is the reason for the log, such as allow='the "
                    "challenge tests on later frames of the same videos', got "
                    f'{reason!r}'
                )

    @property
    def cache_folder(self) -> Path:
        """Folder of the fingerprints."""
        return Path(self.cache) if self.cache else default_folder()
