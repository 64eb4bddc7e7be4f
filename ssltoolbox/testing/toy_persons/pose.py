"""Draw random poses of persons and the direction of view."""

from dataclasses import dataclass

import numpy as np

POSTURES = {
    'stand': 0.2,
    'walk': 0.2,
    'run': 0.06,
    'raise': 0.18,
    'sit': 0.12,
    'rest': 0.06,
    'bend': 0.11,
    'crouch': 0.07,
}
"""Probability of each posture; who rests sits on the ground."""

# Upper arm forward and outward, then forearm, degrees from hanging down.
ARMS = {
    'hang': (0, 9, 12, 6),
    'akimbo': (-16, 46, 14, -52),
    'phone': (24, 16, 132, -22),
    'folded': (22, 16, 74, -62),
    'point': (82, 6, 88, 2),
    'pocket': (-14, 20, 16, -6),
}
LIFTED = {
    'up': (8, 150, 8, 172),
    'wave': (5, 88, 8, 165),
    'wide': (4, 90, 4, 92),
    'cheer': (12, 118, 12, 150),
    'head': (10, 118, 20, 232),
}


@dataclass(frozen=True)
class Pose:
    """Angles of one person, in degrees.

    Args:
        posture (str): Key of ``POSTURES``.
        yaw (float): Turn about the vertical: 0 faces the viewer's right, -90 the
            viewer, 90 away from him.
        elevation (float): Height of the camera above the horizon.
        roll (float): Rotation in the image plane, counter-clockwise.
        trunk (tuple): Lean forward, sway to the right, twist to the right.
        head (tuple): The same of the head: lean and sway from upright, twist from
            the shoulders.
        arms (np.ndarray): (2, 4), left and right: upper arm forward and outward from
            hanging down the trunk, then the forearm.
        legs (np.ndarray): (2, 4): thigh and shank from straight down.
    """

    posture: str
    yaw: float
    elevation: float
    roll: float
    trunk: tuple[float, float, float]
    head: tuple[float, float, float]
    arms: np.ndarray
    legs: np.ndarray


def sample_pose(rng: np.random.Generator) -> Pose:
    """Draw a pose: half of them seen from the front, a third from behind."""
    posture = str(rng.choice(list(POSTURES), p=list(POSTURES.values())))
    lean, arms, legs = _BODY[posture](rng)
    view = rng.random()
    yaw = rng.uniform(-180, 180)
    if view < 0.85:
        yaw = (-90 if view < 0.5 else 90) + rng.uniform(-60, 60)
    looking_down = 0.5 * lean if lean > 30 else 0.3 * lean
    return Pose(
        posture=posture,
        yaw=float(yaw),
        elevation=float(rng.uniform(-4, 16)),
        roll=float(rng.normal(0, 5)),
        trunk=(lean, float(rng.normal(0, 5)), float(rng.normal(0, 10))),
        head=(
            float(looking_down + rng.normal(2, 8)),
            float(rng.normal(0, 7)),
            float(rng.normal(0, 20)),
        ),
        arms=arms + rng.normal(0, 6, (2, 4)),
        legs=legs + rng.normal(0, 2.5, (2, 4)),
    )


def _arms(rng: np.random.Generator) -> np.ndarray:
    """Return arms that are mostly down, often both alike."""
    names = ['hang', 'hang', *ARMS]
    left, right = (names[i] for i in rng.integers(len(names), size=2))
    return np.array([ARMS[left], ARMS[left if rng.random() < 0.5 else right]], float)


def _stand(rng: np.random.Generator) -> tuple[float, np.ndarray, np.ndarray]:
    wide = rng.uniform(1, 14)
    legs = np.array([(0, wide, 0, wide)] * 2, float)
    if rng.random() < 0.4:
        # The weight rests on one leg, the other knee is bent.
        legs[rng.integers(2)] += (18, 6, -14, 0)
    return float(rng.normal(2, 4)), _arms(rng), legs


def _walk(rng: np.random.Generator) -> tuple[float, np.ndarray, np.ndarray]:
    return _stride(rng, reach=rng.uniform(0.5, 1.1), lift=38, elbow=14, lean=4)


def _run(rng: np.random.Generator) -> tuple[float, np.ndarray, np.ndarray]:
    return _stride(rng, reach=rng.uniform(1.3, 1.8), lift=62, elbow=72, lean=14)


def _stride(
    rng: np.random.Generator, reach: float, lift: float, elbow: float, lean: float
) -> tuple[float, np.ndarray, np.ndarray]:
    """Return a step: the legs half a cycle apart, each arm with the other leg."""
    phase = rng.uniform(0, 2 * np.pi) + np.array([0, np.pi])
    swing, back = np.sin(phase), np.maximum(np.cos(phase), 0)
    thigh = 6 + 24 * reach * swing + 8 * reach * back
    legs = np.stack([thigh, 0 * thigh + 3, thigh - 6 - lift * reach * back, 0 * thigh])
    arm = -22 * reach * swing
    arms = np.stack([arm, 0 * arm + 9, arm + elbow + 8 * swing, 0 * arm - 2])
    return lean + float(rng.normal(0, 3)), arms.T, legs.T


def _raise(rng: np.random.Generator) -> tuple[float, np.ndarray, np.ndarray]:
    lean, arms, legs = _stand(rng)
    names = list(LIFTED)
    left, right = (LIFTED[names[i]] for i in rng.integers(len(names), size=2))
    pick = rng.random()
    if pick < 0.55:
        arms = np.array([left, left if rng.random() < 0.7 else right], float)
    else:
        arms[int(pick < 0.775)] = left
    return lean, arms, legs


def _sit(rng: np.random.Generator) -> tuple[float, np.ndarray, np.ndarray]:
    wide = rng.uniform(2, 16)
    legs = np.array([(84, wide, rng.uniform(-12, 14), 0.4 * wide)] * 2, float)
    arms = _arms(rng)
    if rng.random() < 0.6:
        arms[:] = (28, 10, 66, -4)
    return float(rng.normal(4, 9)), arms, legs


def _rest(rng: np.random.Generator) -> tuple[float, np.ndarray, np.ndarray]:
    if rng.random() < 0.5:
        legs = np.array([(128, 8, 28, 2)] * 2, float)
        return float(rng.normal(6, 6)), np.array([(52, 8, 84, -14)] * 2, float), legs
    legs = np.array([(88, rng.uniform(4, 16), 84, 4)] * 2, float)
    return float(rng.normal(-10, 6)), np.array([(-34, 16, -26, 12)] * 2, float), legs


def _bend(rng: np.random.Generator) -> tuple[float, np.ndarray, np.ndarray]:
    lean = float(rng.uniform(42, 84))
    reach = lean + rng.normal(0, 12)
    arms = np.array([(reach, 8, reach + rng.uniform(0, 24), 2)] * 2, float)
    legs = np.array([(12, 5, -4, 4)] * 2, float) + (rng.uniform(0, 16), 0, 0, 0)
    return lean, arms, legs


def _crouch(rng: np.random.Generator) -> tuple[float, np.ndarray, np.ndarray]:
    legs = np.array([(104, rng.uniform(8, 22), -36, 2)] * 2, float)
    arms = np.array([(58, 10, 84, -10)] * 2, float)
    return float(rng.uniform(18, 34)), arms, legs


_BODY = {
    'stand': _stand,
    'walk': _walk,
    'run': _run,
    'raise': _raise,
    'sit': _sit,
    'rest': _rest,
    'bend': _bend,
    'crouch': _crouch,
}
