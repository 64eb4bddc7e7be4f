"""What a label curve consists of: configs, numbers of labels, folds and metrics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mmengine.config import Config

from ssltoolbox.apis.config import ConfigError, read_config
from ssltoolbox.apis.data_files import require_data
from ssltoolbox.apis.experiments.label_curve_labels import (
    Budget,
    Labelling,
    curve_field,
    filled,
    labelling_of,
    parts_of,
    require_lists,
)
from ssltoolbox.apis.experiments.runs import as_read


@dataclass(frozen=True)
class CurvePlan:
    """All runs of a label curve.

    Args:
        configs: What is compared; what others begin with comes first.
        budgets: Numbers or shares of labels.
        seeds: One of each fold: of its labels, weights and order.
        labellings: How each config is told the labels of a fold: in the same way, but
            that of a share each has parts of its own.
        metrics: Of the tables; the first is drawn.
        extra: Further ``--cfg-options``, which may hold ``{budget}`` and ``{seed}``.
    """

    configs: tuple[Path, ...]
    budgets: tuple[Budget, ...]
    seeds: tuple[int, ...]
    labellings: tuple[Labelling, ...]
    metrics: tuple[str, ...]
    extra: Mapping[str, Any]

    @property
    def labelling(self) -> Labelling:
        """That of the first config."""
        return self.labellings[0]

    def options(self, config: Path, budget: Budget, seed: int) -> dict[str, Any]:
        """``--cfg-options`` of a config's run in a fold."""
        labelling = self.labellings[self.configs.index(config)]
        chosen = labelling.options(budget, seed)
        chosen |= {'randomness.seed': seed, **self.extra}
        return {key: filled(value, budget, seed) for key, value in chosen.items()}


def plan_curve(
    configs: Sequence[str | Path],
    budgets: Sequence[Budget],
    seeds: Sequence[int],
    against: str | Path | None = None,
    metrics: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
) -> CurvePlan:
    """Plan the curves of configs and of their supervised partner.

    Args:
        configs: Config files of methods; the first says how labels are chosen and
            which its partner is.
        budgets: Numbers of labels, or shares with a decimal point.
        seeds: One of each fold.
        against: Config file of the partner; found by :func:`partner_of` by default.
        metrics: Those of ``label_curve.metrics``, or ``metric``, by default.
        options: Further ``--cfg-options``; values may hold ``{budget}`` and ``{seed}``.

    Raises:
        ConfigError: The configs do not tell, or two have the same name.
        FileNotFoundError: Data or label lists are absent.
    """
    first = Path(configs[0])
    cfg = read_config(first, options)
    partner = Path(against) if against else partner_of(first, cfg)
    every = tuple(dict.fromkeys([partner, *map(Path, configs)]))
    if len({path.stem for path in every}) < len(every):
        raise ConfigError(
            f'configs of a curve need different names, got {", ".join(map(str, every))}'
        )
    shown = metrics or curve_field(cfg).get('metrics') or [cfg.get('metric')]
    if None in shown:
        raise ConfigError(f'{first} names no metric: give --metrics, such as coco/AP')
    labelling = labelling_of(cfg)
    plan = CurvePlan(
        every,
        tuple(budgets),
        tuple(seeds),
        tuple(
            replace(labelling, parts=parts_of(read_config(path, options)))
            for path in every
        ),
        tuple(shown),
        {key: value for key, value in (options or {}).items() if key != 'labels'},
    )
    check_plan(plan)
    return plan


def check_plan(plan: CurvePlan) -> None:
    """Find before the first training that data or label lists are absent.

    Raises:
        ConfigError: A config does not take the options of a fold.
        FileNotFoundError: Data or a label list are not here.
    """
    folds = [(budget, seed) for budget in plan.budgets for seed in plan.seeds]
    for path in plan.configs:
        cfgs = [read_config(path, as_read(plan.options(path, *fold))) for fold in folds]
        require_data(cfgs[0])
        for cfg in cfgs:
            require_lists(cfg)


def partner_of(config: Path, cfg: Config) -> Path:
    """Find the config that trains the same network on the labels alone.

    It is named by ``label_curve.against``, a file beside the config, or by its own
    name: ``net_data_method.py`` has ``net_data_supervised.py`` beside it, or
    ``net_data_10shot.py`` has ``net_data_10shot_supervised.py``. A supervised config is
    its own partner.

    Raises:
        ConfigError: There is none.
    """
    if told := curve_field(cfg).get('against'):
        path = config.parent / told
        if not path.is_file():
            raise ConfigError(
                f'{config}: label_curve.against = {told!r}, but {path} does not exist'
            )
        return path
    if config.stem.endswith('_supervised'):
        return config
    stems = (config.stem, config.stem.rpartition('_')[0])
    tried = [config.with_stem(f'{stem}_supervised') for stem in stems if stem]
    for path in tried:
        if path.is_file():
            return path
    raise ConfigError(
        f'{config} has no supervised partner: neither '
        f'{" nor ".join(path.name for path in tried)} is beside it. Name one by '
        "--against CONFIG, or by label_curve = dict(against='...') in the config"
    )
