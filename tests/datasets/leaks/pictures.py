"""Pictures of smooth random texture, each unlike the others."""

import cv2
import numpy as np


def texture(seed, size=(120, 160)):
    """A (H, W, 3) uint8 picture."""
    coarse = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), np.uint8)
    return cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC)


def write(folder, **pictures):
    """Write ``name=picture`` as PNG, and give ``{name: path}``."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: str(folder / f'{name}.png') for name in pictures}
    for name, picture in pictures.items():
        assert cv2.imwrite(paths[name], picture)
    return paths
