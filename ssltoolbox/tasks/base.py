"""What a task must be able to do for any semi-supervised method."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from ssltoolbox.geometry.view import View
from ssltoolbox.geometry.warp import Grid, project_maps
from ssltoolbox.semi.pseudo_label import PseudoLabel


@dataclass(frozen=True)
class Batch:
    """One view of a batch of images.

    Attributes:
        inputs: (B, 3, H, W) normalised images.
        samples: B data samples of the upstream library.
        view: How the images were cropped.
        labelled: (B,) bool, whether the label is a person's and not a network's.
        flip_indices: (K,) mirror partner of each keypoint, channel or class, or None.
    """

    inputs: Tensor
    samples: list
    view: View
    labelled: Tensor
    flip_indices: Tensor | None = None


class Task(ABC):
    """All that a method needs to know about pixels.

    A method composes these few calls; it never looks into a sample.

    Attributes:
        name: What methods that need a certain task call it.
        grid: Which pixels the cells of dense targets stand for.
    """

    name: str
    grid: Grid

    @abstractmethod
    def batch(self, inputs: Tensor, samples: list) -> Batch:
        """Gather what the samples of one view carry, on the device of ``inputs``."""

    @abstractmethod
    def label(self, batch: Batch) -> PseudoLabel:
        """Return the label of each sample: ground truth or stored pseudo label."""

    @abstractmethod
    def truth(self, batch: Batch) -> PseudoLabel:
        """Return hidden ground truth for diagnostics; weight 0 where there is none."""

    @abstractmethod
    def forward(self, network: nn.Module, batch: Batch) -> Any:
        """Raw output of a network, with gradient."""

    @abstractmethod
    def decode(self, raw: Any, batch: Batch) -> PseudoLabel:
        """Turn raw output into labels in the batch's view, detached, in float32."""

    @abstractmethod
    def project(self, label: PseudoLabel, batch: Batch) -> PseudoLabel:
        """Move labels to the view of another batch of the same images."""

    @abstractmethod
    def target(self, label: PseudoLabel) -> tuple[Any, Tensor]:
        """Turn labels into what the loss compares with, and its weight."""

    @abstractmethod
    def loss(self, raw: Any, target: Any, weight: Tensor) -> Tensor:
        """Scalar loss; exactly 0, yet attached to ``raw``, where no weight is left.

        A mean over samples and the entries of each, in which those of weight 0 count;
        depth leaves such entries of a sample out of its mean, as published.
        """

    def soft(self, raw: Any, batch: Batch) -> PseudoLabel:
        """Turn raw output into a dense target: detached, in float32.

        ``value`` is (B, C, h, w), here the maps as they are; ``weight`` (B, 1, h, w),
        all ones; the score (B, C) is the maximum of each map.
        """
        maps = raw.detach().float()
        ones = torch.ones_like(maps[:, :1])
        return PseudoLabel(maps, ones, maps.amax((-2, -1)), batch.view)

    def carry(self, label: PseudoLabel, batch: Batch) -> PseudoLabel:
        """Move a dense target to the view of another batch of the same images.

        Its weight is 0 where the first view did not see the image, and its score
        stays that of the prediction. In the view in which it is already the target
        stays as it is, to the bit.
        """
        if label.view.same_as(batch.view):
            return label
        value, _ = project_maps(
            label.value, label.view, batch.view, batch.flip_indices, grid=self.grid
        )
        weight, _ = project_maps(
            label.weight, label.view, batch.view, mode='nearest', grid=self.grid
        )
        return replace(label, value=value, weight=weight, view=batch.view)

    def match(self, raw: Any, label: PseudoLabel) -> Tensor:
        """Distance of raw output from a dense target: its mean squared difference.

        A mean over all entries, in which those of weight 0 count.
        """
        return ((raw.float() - label.value).square() * label.weight).mean()

    def predict(self, network: nn.Module, batch: Batch) -> PseudoLabel:
        """Labels that a network gives to a batch, without gradient."""
        with torch.no_grad():
            return self.decode(self.forward(network, batch), batch)

    def predict_together(
        self, networks: list[nn.Module], inputs: Tensor, samples: list
    ):
        """Return samples with the prediction of several networks together.

        Raises:
            NotImplementedError: The task has no ensembles.
        """
        raise NotImplementedError(f'task {self.name!r} has no ensembles of networks')
