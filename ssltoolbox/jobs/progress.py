"""Progress of a long job in the log."""

import time
from datetime import timedelta
from logging import Logger


class Eta:
    """Log how far a job is, how fast it goes and when it ends.

    Args:
        total: Number of items.
        logger: Where to log.
        what: Name of the items.
        every: Seconds between two messages.
    """

    def __init__(
        self, total: int, logger: Logger, what: str, every: float = 5.0
    ) -> None:
        self.total, self.logger, self.what, self.every = total, logger, what, every
        self.done = 0
        self.start = self.last = time.monotonic()

    def update(self, count: int) -> None:
        """Count finished items."""
        self.done += count
        now = time.monotonic()
        if now - self.last < self.every and self.done < self.total:
            return
        self.last = now
        rate = self.done / max(now - self.start, 1e-9)
        left = timedelta(seconds=round((self.total - self.done) / rate))
        self.logger.info(
            f'{self.what}: {self.done}/{self.total}, {rate:.1f} per second, eta {left}'
        )
