"""What a check of a config found, and its text."""

from dataclasses import dataclass, field

from ssltoolbox.apis.checking.trial import Trial


@dataclass
class StageReport:
    """Findings about one stage.

    Attributes:
        name: The stage.
        errors: What would stop the run.
        warnings: What is probably not meant.
        absent: Files and folders that are not here.
        counts: Samples of each source; empty where the data are not here.
        trial: What the trial steps saw, None if they could not be run.
    """

    name: str
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    trial: Trial | None = None

    def facts(self) -> str:
        """Say in one line what the stage is."""
        facts = []
        if self.trial and self.trial.parameters:
            numbers = self.trial.parameters.items()
            facts.append(', '.join(f'{n} {c / 1e6:.1f} M' for n, c in numbers))
        if self.trial and self.trial.views:
            facts.append('views ' + ' '.join(self.trial.views))
        if self.trial and self.trial.losses:
            losses = ' '.join(f'{loss:.4g}' for loss in self.trial.losses)
            facts.append(f'losses {losses} at {self.trial.side} px')
        if self.trial and self.trial.memory:
            facts.append(f'about {_size(self.trial.memory)}')
        if self.counts:
            numbers = self.counts.items()
            facts.append('samples: ' + ', '.join(f'{n} {c}' for n, c in numbers))
        return '; '.join(facts)


def _size(count: int) -> str:
    gib = count / 2**30
    return f'{gib:.1f} GiB' if gib >= 1 else f'{count / 2**20:.0f} MiB'


@dataclass
class Report:
    """Findings about a config.

    Attributes:
        config: The file.
        errors: What is wrong with the config as a whole.
        warnings: What is probably not meant, in the config as a whole.
        stages: A report per stage.
    """

    config: str
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    stages: list[StageReport] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing would stop a run, where its data are."""
        return not self.errors and not any(stage.errors for stage in self.stages)

    def as_text(self) -> str:
        """Set the findings out as a table."""
        lines = [self.config]
        width = max((len(stage.name) for stage in self.stages), default=0)
        for stage in self.stages:
            state = 'ERROR' if stage.errors else 'ok'
            lines.append(f'  {stage.name:<{width}}  {state:<5}  {stage.facts()}')
        for what, texts in (
            ('error', [*self.errors, *self._of('errors')]),
            ('warning', [*self.warnings, *self._of('warnings')]),
            ('not here', self._of('absent')),
        ):
            lines += [f'  {what}: {text}' for text in dict.fromkeys(texts)]
        return '\n'.join(lines)

    def _of(self, kind: str) -> list[str]:
        prefix = kind != 'absent' and len(self.stages) > 1
        return [
            f'stage {stage.name}: {text}' if prefix else text
            for stage in self.stages
            for text in getattr(stage, kind)
        ]
