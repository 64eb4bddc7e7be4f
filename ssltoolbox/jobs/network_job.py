"""Labelling by one network."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any

from torch import nn

from ssltoolbox.checkpoints.network_names import Which
from ssltoolbox.jobs.labelling import LabellingJob
from ssltoolbox.jobs.member import Member


class NetworkJob(LabellingJob):
    """Label every sample of a data set with one trained network.

    Args:
        network: Config of the network.
        checkpoint: Its weights.
        dataset: Config of the data set; its pipeline ends with one plain view.
        batch_size: Samples per batch.
        num_workers: Processes that load images.
        which: Network of a semi-supervised checkpoint: ``'auto'`` (the teacher, if
            there is one), ``'teacher'`` or ``'student'``.
    """

    def __init__(
        self,
        network: dict,
        checkpoint: str,
        dataset: dict,
        batch_size: int = 32,
        num_workers: int = 2,
        which: Which = 'auto',
    ) -> None:
        member = Member(network, checkpoint, which)
        super().__init__([member], dataset, batch_size, num_workers)
        self.network_cfg, self.checkpoint = network, checkpoint

    @abstractmethod
    def predict(self, network: nn.Module, loader: Iterable[dict]) -> Iterator[tuple]:
        """Give ids (B,) of each batch, and what :meth:`record` makes fields of."""

    def predict_all(  # noqa: D102
        self, networks: list[nn.Module], loader: Iterable[dict]
    ) -> Iterator[tuple]:
        return self.predict(networks[0], loader)

    def provenance(self) -> dict[str, Any]:  # noqa: D102
        return self.members[0].provenance()
