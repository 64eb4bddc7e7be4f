"""What all command-line tools share."""

import argparse
import functools
import os
import re
import select
import sys
from collections.abc import Callable
from pathlib import Path

from mmengine.config import DictAction

_WORKER = re.compile(r'Caught (\w+) in DataLoader worker process')


def command_line(description: str) -> argparse.ArgumentParser:
    """Start a parser that shows the docstring of a tool as it is written."""
    return argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def add_cfg_options(parser: argparse.ArgumentParser) -> None:
    """Let fields of the config be changed: ``args.cfg_options`` is a dictionary."""
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=_Options,
        default={},
        metavar='KEY=VALUE',
        help='change fields of the config, for example data_root=/data/ap10k',
    )


class _Options(DictAction):
    """``KEY=VALUE ...``, with a plain word for those who write ``KEY VALUE``."""

    def __call__(self, parser, namespace, values, option_string=None) -> None:
        for value in values:
            if '=' not in value:
                parser.error(
                    f'--cfg-options takes KEY=VALUE, without a blank between them; got '
                    f'{value!r}'
                )
        super().__call__(parser, namespace, values, option_string)


def add_trust_checkpoint(parser: argparse.ArgumentParser) -> None:
    """Let checkpoints be read that run code; nothing is left to do for the tool."""
    parser.add_argument(
        '--trust-checkpoint',
        nargs=0,
        action=_TrustCheckpoints,
        help='read checkpoints even if that runs code in them; only files you trust',
    )


def add_launcher(parser: argparse.ArgumentParser) -> None:
    """Let the tool run on several GPUs: ``args.launcher``."""
    parser.add_argument(
        '--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none'
    )
    # torch's launchers pass it where they do not set the variable
    parser.add_argument('--local_rank', '--local-rank', action=_SetLocalRank)


def readable_errors(main: Callable) -> Callable:
    """End with one message where the input is wrong, not with a traceback.

    ``SSLTOOLBOX_DEBUG=1`` shows the traceback too. Errors of the program itself
    (``TypeError``, ``AttributeError`` ...) always show it, but for arguments in a
    config that its component does not take.
    """

    @functools.wraps(main)
    def run(*args, **kwargs):
        try:
            result = main(*args, **kwargs)
            sys.stdout.flush()
            return result
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            if isinstance(error, BrokenPipeError) and _nobody_reads():
                raise SystemExit(128 + 13) from None  # as what ends by SIGPIPE
            message = _of_worker(error)
            if not message and _is_for_users(error, main):
                message = error.args[0] if isinstance(error, KeyError) else error
            if os.environ.get('SSLTOOLBOX_DEBUG') or not message:
                raise
            raise SystemExit(f'error: {message}') from None
        except TypeError as error:
            from ssltoolbox.apis.checking.refused import refused_argument

            told = refused_argument(error) or (_is_of_a_config(error) and str(error))
            if os.environ.get('SSLTOOLBOX_DEBUG') or not told:
                raise
            raise SystemExit(
                f'error: {told}: correct the key in the config or after '
                '--cfg-options. tools/check_config.py finds others before a run'
            ) from None
        except KeyboardInterrupt:
            print('\ninterrupted: run the same command again to go on', file=sys.stderr)
            raise SystemExit(130) from None

    return run


def _nobody_reads() -> bool:
    """Whether what reads the output, such as ``| head``, has ended.

    What is left to be written then goes nowhere, or Python would complain at its end.
    """
    try:
        output = sys.stdout.fileno()
    except (OSError, ValueError):  # no file, but something of Python
        return False
    state = select.poll()
    state.register(output, 0)
    if not any(told & (select.POLLERR | select.POLLHUP) for _, told in state.poll(0)):
        return False
    os.dup2(os.open(os.devnull, os.O_WRONLY), output)
    return True


def _is_for_users(error: BaseException, main: Callable) -> bool:
    """Whether the error was raised by our own checks, or says a file is absent."""
    module = _raised_in(error)
    ours = module.startswith('ssltoolbox') or module == main.__module__
    return ours or isinstance(error, OSError)


def _of_worker(error: BaseException) -> str:
    """Find our own message in what torch makes of an error in a loading process.

    Torch raises it again with the worker's traceback as its text.
    """
    begin = _WORKER.match(str(error))
    if not begin:
        return ''
    *_, place = re.findall(r'^  File "(.+?)"', str(error), re.MULTILINE)
    if 'ssltoolbox' not in Path(place).parts:
        return ''
    return str(error).rpartition(f'\n{begin[1]}: ')[2].strip()


def _is_of_a_config(error: BaseException) -> bool:
    """Whether a registry called a constructor with arguments it does not take.

    An error inside the constructor would have been raised in another module.
    """
    return _raised_in(error) == 'mmengine.registry.build_functions'


def _raised_in(error: BaseException) -> str:
    """Name the module in whose code an error was raised."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return trace.tb_frame.f_globals.get('__name__', '') if trace else ''


class _TrustCheckpoints(argparse.Action):
    def __call__(self, *_) -> None:
        from ssltoolbox.checkpoints.loading import trust_checkpoints

        trust_checkpoints()


class _SetLocalRank(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None) -> None:
        os.environ.setdefault('LOCAL_RANK', values)
