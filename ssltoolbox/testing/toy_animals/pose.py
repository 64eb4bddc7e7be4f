"""Draw random poses: gait, posture, head, tail and the direction of view."""

from dataclasses import dataclass

import numpy as np

from .species import Species

LEGS = ('LF', 'RF', 'LH', 'RH')

# Share of a stride by which LF, RF, LH, RH lag behind.
GAITS = {
    'walk': (0.25, 0.75, 0.0, 0.5),
    'trot': (0.0, 0.5, 0.5, 0.0),
    'gallop': (0.45, 0.55, 0.0, 0.1),
}


@dataclass(frozen=True)
class Pose:
    """Angles of one animal, in degrees.

    Args:
        yaw (float): Turn about the vertical: 0 faces the viewer's right and shows
            the animal's right side, 180 faces left and shows its left side.
        elevation (float): Height of the camera above the horizon.
        roll (float): Rotation in the image plane, counter-clockwise.
        pitch (float): Body pitch, positive lifts the chest.
        bend (float): Sideways bend of the trunk, positive to the animal's right.
        neck (float): Neck above the horizontal.
        neck_yaw (float): Neck to the animal's right.
        head (float): Muzzle above the horizontal.
        head_yaw (float): Muzzle to the animal's right, relative to the neck.
        tail (float): Tail above the horizontal.
        tail_yaw (float): Tail to the animal's right.
        legs (np.ndarray): (4, 4), rows ``LEGS``; upper, middle and lower segment
            from straight down (positive forward), then the outward spread.
    """

    yaw: float
    elevation: float
    roll: float
    pitch: float
    bend: float
    neck: float
    neck_yaw: float
    head: float
    head_yaw: float
    tail: float
    tail_yaw: float
    legs: np.ndarray


def sample_pose(species: Species, rng: np.random.Generator) -> Pose:
    """Draw a pose of the species in a side or three-quarter view."""
    resting = rng.random() < species.rest
    grazing = not resting and rng.random() < 0.2
    pitch, legs = _rest(rng) if resting else _stride(rng)
    facing = 180.0 * rng.integers(2)
    neck = rng.uniform(-38, -12) if grazing else species.neck_angle + rng.normal(0, 10)
    head = rng.uniform(-75, -45) if grazing else rng.normal(-22, 13)
    tilt = 16 if rng.random() < 0.2 else 6
    return Pose(
        yaw=facing + float(rng.uniform(-32, 32)),
        elevation=float(rng.uniform(-4, 24)),
        roll=float(rng.normal(0, tilt)),
        pitch=pitch,
        bend=float(rng.normal(0, 7)),
        neck=float(neck + 0.5 * pitch),
        neck_yaw=float(rng.normal(0, 16)),
        head=float(head),
        head_yaw=float(rng.normal(0, 22)),
        tail=float(species.tail_angle + rng.normal(0, 18)),
        tail_yaw=float(rng.normal(0, 25)),
        legs=legs,
    )


def _stride(rng: np.random.Generator) -> tuple[float, np.ndarray]:
    """Return body pitch and legs of a standing, walking or running animal."""
    gait = ('walk', 'walk', 'trot', 'gallop')[rng.integers(4)]
    reach = rng.uniform(0.1, 1.0) * (1.35 if gait == 'gallop' else 1.0)
    phase = 2 * np.pi * (np.array(GAITS[gait]) + rng.random())
    swing = reach * np.sin(phase)
    lift = reach * np.maximum(np.cos(phase), 0)
    fore = np.stack(
        [-22 + 28 * swing, 4 + 30 * swing + 34 * lift, 4 + 26 * swing - 42 * lift], 1
    )
    hind = np.stack(
        [
            22 + 24 * swing + 14 * lift,
            -36 + 30 * swing - 14 * lift,
            6 + 26 * swing - 30 * lift,
        ],
        1,
    )
    legs = np.concatenate([fore[:2], hind[2:]]) + rng.normal(0, 4, (4, 3))
    spread = rng.normal(2, 4, (4, 1))
    pitch = rng.normal(0, 9 if gait == 'gallop' else 4)
    return float(pitch), np.concatenate([legs, spread], 1)


def _rest(rng: np.random.Generator) -> tuple[float, np.ndarray]:
    """Return body pitch and legs of a sitting or lying animal."""
    if rng.random() < 0.55:
        pitch = rng.uniform(28, 46)
        fore, hind = (-16, 2, 6), (64, -52, 72)
    else:
        pitch = rng.uniform(-2, 8)
        fore, hind = (-38, 80, 86), (62, -84, 80)
    legs = np.array([fore, fore, hind, hind]) + rng.normal(0, 6, (4, 3))
    return float(pitch), np.concatenate([legs, rng.normal(5, 4, (4, 1))], 1)
