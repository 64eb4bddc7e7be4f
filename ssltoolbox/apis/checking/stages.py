"""Find what a later stage would stop at, before hours are spent on the first."""

from mmengine.config import Config

from ssltoolbox.apis.checking.arguments import number_problems
from ssltoolbox.apis.checking.refused import refused_argument
from ssltoolbox.apis.config import ConfigError
from ssltoolbox.apis.data_files import resolved_stages
from ssltoolbox.jobs.labelling import LabellingJob
from ssltoolbox.registry import TASK_UTILS


def check_methods(cfg: Config) -> None:
    """Check lengths and methods of all stages.

    Raises:
        ConfigError: A length is no number, or a method, or one of its filters and
            ramps, refuses its arguments.
    """
    for name, stage in resolved_stages(cfg).items():
        for problem in number_problems(stage):
            raise ConfigError(f'stage {name!r}, {problem}')
        method = (stage.get('model') or {}).get('method')
        if not method:
            continue
        try:
            TASK_UTILS.build(method)
        except (TypeError, ValueError, KeyError) as error:
            raise ConfigError(
                f'stage {name!r}, method {method.get("type")}: '
                f'{refused_argument(error) or error}'
            ) from error


def check_jobs(cfg: Config, only: str | None = None) -> None:
    """Build the jobs, and the data that they label.

    Args:
        cfg: Config with ``stages``, not resolved.
        only: Name of the one stage that is to run.

    Raises:
        ConfigError: A job refuses its settings, or has nothing to label.
        FileNotFoundError: Its data are not here.
    """
    for name, stage in resolved_stages(cfg).items():
        if 'job' not in stage or only not in (None, name):
            continue
        try:
            job = TASK_UTILS.build(stage.job)
            if isinstance(job, LabellingJob):
                job.open_dataset()
        except (TypeError, ValueError, KeyError) as error:
            told = refused_argument(error) or error
            raise ConfigError(f'stage {name!r}: {told}') from error
