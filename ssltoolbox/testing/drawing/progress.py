"""A bar that shows how much of a data set is drawn."""

import sys

from mmengine.utils import ProgressBar


class Bar:
    """A bar with the remaining time, in a terminal.

    In a file or a pipe each step would be a line of its own, so none is shown there.

    Args:
        total (int): Number of steps.
        wanted (bool): Show it.
    """

    def __init__(self, total: int, wanted: bool) -> None:
        self.bar = ProgressBar(total) if wanted and sys.stdout.isatty() else None

    def update(self) -> None:
        """Do a step."""
        if self.bar:
            self.bar.update()

    def finish(self) -> None:
        """End the line of the bar."""
        if self.bar:
            self.bar.file.write('\n')
