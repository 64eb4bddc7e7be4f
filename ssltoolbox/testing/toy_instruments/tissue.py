"""Paint wet tissue: relief, vessels, fat, pools of blood, thread and clips."""

import cv2
import numpy as np

from ssltoolbox.testing.drawing.palette import fractal
from ssltoolbox.testing.drawing.strokes import line, vessel

# RGB: ground, second ground, what lies in between, such as fat.
TISSUES = (
    ((176, 78, 68), (142, 52, 50), (214, 158, 112)),
    ((196, 116, 104), (164, 78, 74), (226, 184, 140)),
    ((206, 150, 110), (182, 98, 78), (230, 196, 136)),
    ((132, 50, 50), (100, 36, 42), (178, 112, 92)),
    ((188, 96, 110), (150, 64, 80), (218, 160, 150)),
)
BLOOD = (96, 8, 12)
THREADS = ((44, 40, 92), (28, 28, 34), (210, 206, 214), (86, 66, 130))


def tissue(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Return lit tissue (height, width, 3), float32 RGB in 0 to about 255."""
    ground, second, fat = (
        np.array(c, np.float32) + np.array(rng.normal(0, 7, 3), np.float32)
        for c in TISSUES[rng.integers(len(TISSUES))]
    )
    blend = np.clip(0.5 + 0.5 * fractal(rng, width, height, 6), 0, 1)[..., None]
    image = ground + blend * (second - ground)
    relief = fractal(rng, width, height, 6) + 0.15 * fractal(rng, width, height, 8)
    lobes = np.clip(
        2.5 * (fractal(rng, width, height, 4) - rng.uniform(0.5, 1.6)), 0, 1
    )
    image += 0.85 * lobes[..., None] * (fat - image)
    relief += 0.5 * lobes * (1 + np.cos(4 * fractal(rng, width, height, 6)))
    for _ in range(rng.integers(2, 7)):
        vessel(rng, image, 0.55 * second + (20, 0, 6), rng.uniform(1, 4.5))
    pool = _blood(rng, image, relief)
    shade, glint = _lamp(rng, relief, pool)
    image = image * shade[..., None]
    for _ in range(rng.integers(0, 3)):
        _thread(rng, image)
    for _ in range(rng.integers(0, 3)):
        _clip(rng, image)
    return image + 235 * glint[..., None]


def _blood(rng, image: np.ndarray, relief: np.ndarray) -> np.ndarray:
    """Let blood pool in the low places; return where (H, W) in [0, 1]."""
    if rng.random() < 0.5:
        return np.zeros_like(relief)
    height, width = relief.shape
    level = fractal(rng, width, height, 4) - 0.4 * relief
    pool = np.clip(4 * (level - rng.uniform(1.1, 2.0)), 0, 1)
    image += 0.9 * pool[..., None] * (np.float32(BLOOD) - image)
    return pool


def _lamp(rng, relief: np.ndarray, pool: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Light the relief; return shade and highlights, both (H, W)."""
    bumps = cv2.GaussianBlur(relief, (0, 0), 1.2) * (1 - 0.8 * pool)
    slope = rng.uniform(5, 10)
    dx = slope * cv2.Sobel(bumps, cv2.CV_32F, 1, 0, scale=0.125)
    dy = slope * cv2.Sobel(bumps, cv2.CV_32F, 0, 1, scale=0.125)
    lamp = np.array([*rng.normal(0, 0.35, 2), 1])
    lamp /= np.linalg.norm(lamp)
    facing = (lamp[2] - dx * lamp[0] - dy * lamp[1]) / np.sqrt(1 + dx * dx + dy * dy)
    # Only some places are wet: elsewhere a slope that mirrors the lamp stays dull.
    height, width = relief.shape
    wet = np.clip(fractal(rng, width, height, 5) - rng.uniform(0.2, 1.0), 0, 1)
    glint = np.maximum(facing, 0) ** 90 * np.clip(2 * wet + 0.5 * pool, 0, 1)
    glint *= np.clip(3 * np.hypot(dx, dy), 0, 1)
    return 0.55 + 0.5 * np.clip(facing, 0, 1), cv2.GaussianBlur(glint, (0, 0), 0.7)


def _thread(rng, image: np.ndarray) -> None:
    """Lay a suture thread: thin and long, it is no instrument."""
    height, width = image.shape[:2]
    knots = rng.uniform(0, (width, height)) + np.cumsum(
        rng.normal(0, 0.09 * width, (6, 2)), axis=0
    )
    smooth = cv2.resize(
        knots.astype(np.float32), (2, 60), interpolation=cv2.INTER_CUBIC
    )
    colour = np.array(THREADS[rng.integers(len(THREADS))]) * rng.uniform(0.8, 1.1)
    line(image, smooth, tuple(map(float, colour)), 2)


def _clip(rng, image: np.ndarray) -> None:
    """Leave a small metal clip: it shines as the instruments do."""
    height, width = image.shape[:2]
    middle = rng.uniform(0, (width, height))
    angle, half = rng.uniform(0, np.pi), rng.uniform(0.012, 0.026) * width
    along = half * np.array([np.cos(angle), np.sin(angle)])
    for shift, grey in ((2, 70.0), (0, rng.uniform(150, 225))):
        ends = [middle - along + shift, middle + along + shift]
        line(image, ends, (grey, grey, grey), 0.5 * half)
