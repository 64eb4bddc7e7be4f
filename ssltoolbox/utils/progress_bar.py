"""A progress bar that ends with its block, whatever happens in it."""

import contextlib
from collections.abc import Callable, Iterator

from rich.progress import Progress


@contextlib.contextmanager
def progress_bar(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Show how far a loop is; call what is given after each item.

    rich's ``track`` is a generator: after an error in the loop its threads go on until
    the generator is collected, and the next bar may wait for them for ever.

    Args:
        what: Name of the work.
        total: Number of items.
    """
    with Progress(transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda: progress.advance(task)
