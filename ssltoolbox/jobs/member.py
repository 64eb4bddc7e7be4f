"""A trained network that labels."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from ssltoolbox.checkpoints.network_names import Which
from ssltoolbox.checkpoints.network_weights import load_network_weights
from ssltoolbox.registry import MODELS
from ssltoolbox.utils.digest import file_sha256


@dataclass(frozen=True)
class Member:
    """One network and its weights.

    Attributes:
        network: Config of the network.
        checkpoint: Its weights; None while a config is only checked.
        which: Network of a semi-supervised checkpoint: ``'auto'`` (the teacher, if
            there is one), ``'teacher'`` or ``'student'``.
        hint: How to name other weights, for messages.
    """

    network: dict
    checkpoint: str | None
    which: Which = 'auto'
    hint: str = 'name one with --cfg-options pseudo_label_job.checkpoint=FILE'

    def check(self) -> None:
        """Look for the weights.

        Raises:
            FileNotFoundError: There are none.
        """
        if not self.checkpoint or not Path(self.checkpoint).is_file():
            raise FileNotFoundError(
                f'the pseudo-label stage needs trained weights, {self.checkpoint!r} is '
                f'no file: run the supervised stage first, or {self.hint}'
            )

    def provenance(self) -> dict[str, Any]:
        """What a store says of it."""
        return dict(
            checkpoint=str(self.checkpoint),
            checkpoint_sha256=file_sha256(self.checkpoint),
            which=self.which,
        )

    def build(self) -> nn.Module:
        """Build the network with fresh weights, in eval mode."""
        return MODELS.build(self.network).eval()

    def load(self) -> nn.Module:
        """Build the network and load its weights."""
        network = self.build()
        load_network_weights(network, self.checkpoint, self.which)
        return network
