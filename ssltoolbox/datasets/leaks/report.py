"""What a comparison of the data found, for the log, a file and an error."""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from mmengine.logging import print_log

from .compare import Finding
from .image_set import ImageSet
from .message import describe, refusal
from .settings import LeakSettings


class LeakReport:
    """What was compared and found.

    Args:
        settings: Bounds, and the reason if there is one.
        parts: Images of each part.
        findings: What they share.
        notes: What could not be compared.
    """

    def __init__(
        self,
        settings: LeakSettings,
        parts: Mapping[str, ImageSet],
        findings: list[Finding],
        notes: list[str],
    ) -> None:
        self.settings, self.findings, self.notes = settings, findings, notes
        self.by_patient = any(images.by_patient for images in parts.values())
        self.counts = {name: len(images) for name, images in parts.items()}

    @property
    def refusal(self) -> str:
        """Why the run must not begin; empty if it may."""
        grave = [each for each in self.findings if self._is_refused(each)]
        return refusal(grave, self.by_patient) if grave else ''

    def _is_refused(self, finding: Finding) -> bool:
        return finding.refused and self.settings.reason(finding.kind) is None

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return dict(
            leak_check=asdict(self.settings),
            images=self.counts,
            refused=bool(self.refusal),
            findings=[asdict(finding) for finding in self.findings],
            notes=self.notes,
        )

    def log(self) -> None:
        """Warn of what was found; a refusal is for the error."""
        for note in self.notes:
            print_log(f'leak check: {note}', 'current', logging.WARNING)
        for finding in self.findings:
            if self._is_refused(finding):
                continue
            text = f'leak check: {describe(finding, self.by_patient)}'
            if finding.refused:
                text += f'. Allowed, since: {self.settings.reason(finding.kind)}'
            print_log(text, 'current', logging.WARNING)
        if not self.findings:
            told = ', '.join(f'{count} {name}' for name, count in self.counts.items())
            print_log(f'leak check: nothing is shared by {told} images', 'current')
