"""Whether the sizes of feature maps fit together."""

from collections.abc import Sequence

from torch import Tensor


def check_pyramid(
    name: str,
    maps: Sequence[Tensor],
    factors: Sequence[int],
    stride: int,
    least: int = 1,
) -> None:
    """Raise unless every map has exactly a multiple of the size of the next.

    A backbone rounds sizes up, so images of other sizes give maps that lie a part of a
    cell apart. Images up to ``stride - 1`` px smaller than a size that fits have the
    same maps, and pass.

    Args:
        name: Who asks, for the message.
        maps: (B, C, h, w) each, the finest first.
        factors: How many cells of each map a cell of the next spans along a side.
        stride: Pixels of the image that a cell of the finest map spans.
        least: Least side of the coarsest map.

    Raises:
        ValueError: They do not, or the coarsest is too small; tells the size of the
            image and which ones are possible.
    """
    sizes = [tuple(each.shape[-2:]) for each in maps]
    fits = min(sizes[-1]) >= least and all(
        fine == tuple(factor * side for side in coarse)
        for fine, coarse, factor in zip(sizes, sizes[1:], factors, strict=False)
    )
    if fits:
        return
    multiple = stride
    for factor in factors:
        multiple *= factor
    height, width = (stride * side for side in sizes[0])
    listed = ', '.join(f'{w} x {h}' for h, w in sizes)
    raise ValueError(
        f'{name} takes images whose sides are multiples of {multiple} px and at least '
        f'{least * multiple} px, got one of about {width} x {height} px (w x h), with '
        f'feature maps of {listed}. Change input_size; if it fits, the strides of the '
        f'backbone do not: they must give maps that shrink by {_words(factors)}'
    )


def _words(factors: Sequence[int]) -> str:
    return ', '.join(map(str, factors))
