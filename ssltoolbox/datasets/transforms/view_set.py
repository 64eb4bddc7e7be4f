"""Show a sample as it is and through fixed views, for a network to vote on it."""

from collections.abc import Sequence
from typing import Any

from mmcv.transforms import BaseTransform

from ssltoolbox.registry import TRANSFORMS

from .branches import copied
from .colour_ops import checked_image
from .fixed_views import build_view

PLAIN = 'plain'
"""Branch of the unchanged image, the first."""


@TRANSFORMS.register_module()
class ViewSet(BaseTransform):
    """The last transform before an annotation: the plain view, then the fixed ones.

    Colours are changed in the image's own size, before it is resized. Changes of
    geometry go through ``look`` of the view, so that predictions of any task can be
    moved back by the matrix ``view`` of their sample.

    Args:
        views: Names or configs of the fixed views, see
            :func:`~ssltoolbox.datasets.transforms.fixed_views.build_view`; may be
            empty.
        view: Config of the plain view, ``ssltoolbox.ImageView`` or alike.
        pack: Config of the packing transform.

    Attributes:
        names: Of the branches, ``'plain'`` first.

    Raises:
        ValueError: There is no such view, or two have the same name.
        TypeError: The plain view cannot be looked at through a change of geometry.
    """

    def __init__(self, views: Sequence[str | dict], view: dict, pack: dict) -> None:
        if isinstance(views, (str, dict)):
            raise ValueError(f'views is a list of names or configs, got {views!r}')
        self.settings = dict(views=[_plain(v) for v in views], view=_plain(view))
        self.view, self.pack = TRANSFORMS.build(view), TRANSFORMS.build(pack)
        if not hasattr(self.view, 'look'):
            raise TypeError(
                f'{type(self.view).__name__} has no look(results, change), through '
                'which ViewSet turns images: use ssltoolbox.ImageView'
            )
        built = [build_view(each) for each in views]
        self.names = [PLAIN, *(name for name, _ in built)]
        twice = {name for name in self.names if self.names.count(name) > 1}
        if twice:
            raise ValueError(
                f'views has {", ".join(sorted(twice))} more than once: give one of '
                "them another name, dict(type=..., name='...'). The unchanged image, "
                f'{PLAIN!r}, is always there'
            )
        self.fixed = dict(built)

    def transform(self, results: dict) -> dict:
        """Return ``{'inputs': {name: image}, 'data_samples': {name: sample}}``."""
        image = checked_image(results, 'ViewSet')
        packed = {}
        for name in self.names:
            record, change = copied(results), None
            if fixed := self.fixed.get(name):
                record['img'] = fixed.recolour(image)
                change = fixed.change(self.view.input_size)
            packed[name] = self.pack(self.view.look(record, change))
        return {
            key: {name: each[key] for name, each in packed.items()}
            for key in ('inputs', 'data_samples')
        }


def _plain(config: Any) -> Any:
    """A config without mmengine's own types, as a manifest keeps it."""
    return config if isinstance(config, str) else dict(config)
