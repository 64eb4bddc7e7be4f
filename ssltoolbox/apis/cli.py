"""What all command-line tools share."""

import functools
import os
import sys
from collections.abc import Callable


def readable_errors(main: Callable) -> Callable:
    """Show errors of input as one message, not as a traceback.

    ``SSLTOOLBOX_DEBUG=1`` shows the traceback too. Errors of the program itself
    (``TypeError``, ``AttributeError`` ...) always show it.
    """

    @functools.wraps(main)
    def run(*args, **kwargs):
        try:
            return main(*args, **kwargs)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            if os.environ.get('SSLTOOLBOX_DEBUG') or not _is_for_users(error):
                raise
            message = error.args[0] if isinstance(error, KeyError) else error
            print(f'error: {message}', file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print('\ninterrupted: run the same command again to go on', file=sys.stderr)
            return 130

    return run


def _is_for_users(error: BaseException) -> bool:
    """Whether the error was raised by our own checks, or says a file is absent."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    module = trace.tb_frame.f_globals.get('__name__', '') if trace else ''
    return module.startswith('ssltoolbox') or isinstance(error, OSError)
