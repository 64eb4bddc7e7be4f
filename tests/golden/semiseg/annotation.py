"""Views of an image, how they are undone, how votes are fused, and the whole step."""

import re
from collections.abc import Iterator, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from ssltoolbox.datasets.transforms.fixed_views import Gamma, build_view
from ssltoolbox.datasets.transforms.image_view import ImageView
from ssltoolbox.geometry.undo import undo_view
from ssltoolbox.semi.fusion import Vote, decide, fuse

from ..registry import drives
from ..vectors import Entry

ORIGINAL = {'Gamma': dict(type='Gamma', exponent=1.0)}
"""Views whose defaults are ours, with the original's arguments."""

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def spelled(key: str) -> str:
    """Name of a transform, of that of its array."""
    if key.startswith('2D'):
        return key.replace('_', '-')
    return key.replace('HpV', 'H+V').replace('_', ' ')


def seen(image: np.ndarray, name: str) -> np.ndarray:
    """An image (H, W, 3) through a view, in its own size."""
    size = (image.shape[1], image.shape[0])
    _, view = build_view(ORIGINAL.get(name, name))
    record = {'img': view.recolour(image)}
    return ImageView(size).look(record, view.change(size))['img']


def undone(maps: torch.Tensor, name: str | None) -> torch.Tensor:
    """Maps (B, C, H, W) of a view, in the plain one."""
    size, plain = (maps.shape[-1], maps.shape[-2]), np.eye(3)
    change = build_view(name)[1].change(size) if name else None
    view = plain if change is None else change
    matrices = (np.stack([m] * len(maps)) for m in (view, plain))
    moved, known = undo_view(maps, *matrices, size)
    assert known is None
    return moved


@drives('semiseg', 'fusion_*')
def fusion(entry: Entry) -> None:
    votes = (Vote(torch.from_numpy(each).softmax(1)) for each in entry['logits'])
    classes, confidence = decide(fuse(votes).share)
    entry.check('prob', confidence)
    entry.check('indices', classes)
    assert (classes.numpy() == entry['indices']).all()


@drives('semiseg', 'transforms_forward')
def transforms_forward(entry: Entry) -> None:
    """Ours equalises the luminance: of a grey image that is its one channel."""
    image, bounds = entry['image'], entry.record['tolerance']
    for key in entry.record['outputs']:
        if key.startswith('gray_'):
            channel = image[..., 0]
            grey = seen(np.stack([channel] * 3, -1), spelled(key.removeprefix('gray_')))
            assert np.ptp(grey, axis=-1).max() == 0
            # the original gives both side by side
            ours = np.hstack([channel, grey[..., 0]])
        else:
            ours = seen(image, spelled(key))
        entry.check(key, ours)
        assert entry.differences[key] <= bounds.get(key, bounds['all'])


@drives('semiseg', 'transforms_inverse')
def transforms_inverse(entry: Entry) -> None:
    logits = torch.from_numpy(entry['logits'])[None]
    for key in entry.record['outputs']:
        entry.check(key, undone(logits, spelled(key))[0])


@drives('semiseg', 'gamma_lut')
def gamma_lut(entry: Entry) -> None:
    """The original's exponent is 1, which changes no level; ours is another."""
    levels = entry['levels'].astype(np.uint8)
    table = Gamma(exponent=1.0).recolour(levels[:, None])[:, 0]
    entry.check('lut', table)
    assert int((table != levels).sum()) == entry.params['n_changed']
    assert (build_view('Gamma')[1].recolour(levels[:, None]) != table).any()


def annotated(entry: Entry, members: str) -> np.ndarray:
    """Classes (N, h, w) that our fusion gives in the size of the networks' input."""
    names = [None, *entry.params.get('transforms', [])]
    labels = []
    for image in entry['unlabelled']:
        share = fuse(votes(entry, image, members, names)).share
        labels.append(decide(share)[0][0].numpy())
    return np.stack(labels)


def votes(
    entry: Entry, image: np.ndarray, members: str, names: Sequence[str | None]
) -> Iterator[Vote]:
    height, width = entry.params['size']
    for name in names:
        view = Image.fromarray(image if name is None else seen(image, name))
        # the original's way to the size of the input, which smooths what it shrinks
        small = np.asarray(view.resize((width, height), Image.Resampling.BILINEAR))
        inputs = torch.from_numpy(((small / 255 - MEAN) / STD).astype(np.float32))
        for member in members:
            weight, bias = (
                torch.from_numpy(entry[f'{member}_{part}'])
                for part in ('weight', 'bias')
            )
            logits = F.conv2d(inputs.permute(2, 0, 1)[None], weight, bias, padding=1)
            yield Vote(undone(logits, name).softmax(1))


def compare(entry: Entry, members: str) -> None:
    """Compare labels, and what is right of the images beside them.

    The original saves beside the label the image under the last transform, or the last
    image of all: the label is that of the unchanged image of the same name, which is
    what we train on.
    """
    ours = annotated(entry, members)
    assert set(np.unique(ours)) <= {0, 1}
    differing = (ours * 255 != entry['labels']).sum((1, 2))
    allowed = re.search(r'at most (\d+)', entry.record['tolerance']['labels'])
    entry.differences['labels'] = float(differing.max())
    assert (differing <= int(allowed[1])).all(), differing
    transforms = entry.params.get('transforms')
    images = entry['unlabelled']
    if transforms:
        images = np.stack([seen(image, transforms[-1]) for image in images])
    right = slice(None) if entry.name == 'annotate_data' else slice(-1, None)
    entry.check('saved_images', images, where=right)


@drives('semiseg', 'annotate_data')
def annotate_data(entry: Entry) -> None:
    compare(entry, 'A')


@drives('semiseg', 'annotate_model')
def annotate_model(entry: Entry) -> None:
    compare(entry, 'AB')


@drives('semiseg', 'annotate_model_data')
def annotate_model_data(entry: Entry) -> None:
    compare(entry, 'AB')
