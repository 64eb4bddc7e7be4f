"""The networks that vote, as a config names them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ssltoolbox.jobs.member import Member

FIELDS = ('network', 'checkpoint', 'which', 'weight')


@dataclass(frozen=True)
class FusionMember(Member):
    """A network and what its vote counts.

    Attributes:
        weight: Above 0; None while a config is only checked.
    """

    weight: float | None = 1.0

    def check(self) -> None:
        """Look for the weights of the network, and that of its vote.

        Raises:
            FileNotFoundError: There is no checkpoint.
            ValueError: The vote counts nothing, or nobody knows what.
        """
        super().check()
        if self.weight is None:
            raise ValueError(
                f'the vote of {self.checkpoint} has no weight: its stage made no '
                'score, since its config validates nothing. Write weight=1.0, or a '
                'number of your own, or give the stage validation data and select'
            )
        if not math.isfinite(self.weight) or self.weight <= 0:
            raise ValueError(
                f'the vote of {self.checkpoint} has the weight {self.weight}, expected '
                'a finite number above 0: leave this member out, or give it another'
            )

    def provenance(self) -> dict[str, Any]:
        """What a store says of it."""
        return dict(super().provenance(), weight=self.weight)


def fusion_members(configs: Sequence[Mapping[str, Any]]) -> list[FusionMember]:
    """Read the members of a job.

    Raises:
        ValueError: There is none, or one has other fields than it should.
    """
    if isinstance(configs, Mapping) or not configs:
        raise ValueError(
            'members is a list of one or more dict(network=..., checkpoint=..., '
            f'weight=1.0), got {configs!r}'
        )
    for number, config in enumerate(configs, 1):
        absent = {'network', 'checkpoint'} - set(config)
        other = set(config) - set(FIELDS)
        if absent or other:
            told = [f'has no {", ".join(sorted(absent))}'] * bool(absent)
            told += [f'takes no {", ".join(sorted(other))}'] * bool(other)
            raise ValueError(
                f'member {number} {" and ".join(told)}; its fields are '
                f'{", ".join(FIELDS)}'
            )
    return [
        FusionMember(**config, hint=f'name a file as checkpoint of member {number}')
        for number, config in enumerate(configs, 1)
    ]
