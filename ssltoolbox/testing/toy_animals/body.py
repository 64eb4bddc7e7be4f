"""Turn a species and a pose into a 3-D figure with the 17 keypoints of AP-10K."""

import numpy as np

from ssltoolbox.testing.drawing.figure import Capsule, Figure

from .pose import Pose
from .species import Species

MATERIALS = (
    'coat',
    'limb',
    'sock',
    'joint',
    'paw',
    'mane',
    'tail_tip',
    'muzzle',
    'nose',
    'rim',
    'eye',
    'horn',
    'ear',
)
PAWS = (7, 10, 13, 16)


def direction(up: float, right: float = 0.0) -> np.ndarray:
    """Return the unit vector ``up`` degrees above forward, turned to the right."""
    a, b = np.deg2rad((up, right))
    return np.array([np.cos(a) * np.cos(b), np.sin(a), np.cos(a) * np.sin(b)])


def build(species: Species, pose: Pose) -> Figure:
    """Pose one animal of the species."""
    figure = Figure(MATERIALS, PAWS)
    forward = direction(pose.pitch)
    up = direction(pose.pitch + 90)
    side = np.array([0.0, 0, 1])
    bend = np.sin(np.deg2rad(pose.bend)) * side
    rump, chest = -0.4 * forward - 0.2 * bend, 0.4 * forward - 0.2 * bend
    _trunk(figure, species, rump, 0.3 * bend - 0.05 * up, chest)
    for row, (fore, sign) in enumerate(((1, -1), (1, 1), (0, -1), (0, 1))):
        radius = species.trunk[2 if fore else 0]
        root = (chest - 0.06 * forward) if fore else (rump + 0.04 * forward)
        root = root - (0.38 if fore else 0.1) * radius * up
        root = root + 0.62 * sign * radius * side
        _leg(figure, species, root, pose.legs[row], fore, sign)
    crest = _neck(figure, species, pose, chest + 0.3 * species.trunk[2] * up, up)
    _head(figure, species, pose, crest)
    _tail(figure, species, pose, rump + 0.72 * species.trunk[0] * (up - forward))
    return figure


def _trunk(figure: Figure, species: Species, rump, belly, chest) -> None:
    back, middle, front = species.trunk
    figure.capsules += [
        Capsule(rump, belly, back, middle, 'coat'),
        Capsule(belly, chest, middle, front, 'coat', 0.4),
    ]


def _leg(figure: Figure, species: Species, root, angles, fore: int, sign: int) -> None:
    """Add one leg; ``sign`` is -1 for the animal's left and 1 for its right."""
    lengths = species.fore if fore else species.hind
    top, middle, low = species.limb
    points = [root]
    for length, angle in zip(lengths, angles[:3], strict=True):
        points.append(
            points[-1]
            + length * direction(angle - 90, 0)
            + length * np.sin(np.deg2rad(angles[3])) * sign * np.eye(3)[2]
        )
    joint, ankle, paw = points[1:]
    figure.capsules += [
        Capsule(root, joint, top * (1.0 if fore else 1.25), middle * 1.1, 'coat', 0.3),
        Capsule(joint, ankle, middle, low * 1.1, 'limb', 0.6),
        Capsule(ankle, paw, low * 1.1, low, 'sock', 0.9),
        Capsule(joint, joint, middle * 1.28, middle * 1.28, 'joint'),
        Capsule(paw, paw + 0.7 * low * direction(-10), low * 1.3, low * 1.15, 'paw'),
    ]
    first = (5 if fore else 11) + (3 if sign > 0 else 0)
    figure.mark(first, root, 1.6 * top)
    figure.mark(first + 1, joint, 1.6 * middle)
    figure.mark(first + 2, paw, 1.8 * low)


def _neck(figure: Figure, species: Species, pose: Pose, base, up) -> np.ndarray:
    length, low, high = species.neck
    along = direction(pose.neck, pose.neck_yaw)
    end = base + length * along
    figure.capsules.append(Capsule(base, end, low, high, 'coat', 1.2))
    figure.mark(3, base + 0.3 * length * along, 1.5 * low)
    if species.mane is not None:
        crest = up - along * (up @ along)
        crest /= np.linalg.norm(crest)
        figure.capsules.append(
            Capsule(
                base + 0.78 * low * crest,
                end + 0.9 * high * crest,
                0.3 * low,
                0.55 * high,
                'mane',
            )
        )
    return end


def _head(figure: Figure, species: Species, pose: Pose, crest) -> None:
    skull, length, radius = species.head
    turn = pose.neck_yaw + pose.head_yaw
    ahead = direction(pose.head, turn)
    up = direction(pose.head + 90, turn)
    right = direction(0, turn + 90)
    centre = crest + 0.35 * skull * ahead
    tip = centre + (0.6 * skull + length) * ahead - 0.25 * skull * up
    figure.capsules += [
        Capsule(centre, centre, skull, skull, 'coat', 1.9),
        Capsule(centre + 0.3 * skull * ahead, tip, 0.82 * skull, radius, 'coat', 2.0),
        Capsule(
            tip - 0.5 * length * ahead, tip, 1.03 * radius, 1.06 * radius, 'muzzle'
        ),
    ]
    nose = tip + radius * ahead + 0.3 * radius * up
    figure.capsules.append(Capsule(nose, nose, 0.6 * radius, 0.6 * radius, 'nose'))
    figure.mark(2, nose, 0.65 * radius)
    for sign, index in ((-1, 0), (1, 1)):
        _eye(figure, skull, centre, (ahead, up, sign * right), index)
        _ear(figure, species, centre, up, sign * right, ahead)
        _horn(figure, species, centre, up, sign * right, ahead)
    if species.horns == 'back':
        chin = tip - 0.9 * radius * up - 0.3 * length * ahead
        figure.capsules.append(
            Capsule(chin, chin - 0.16 * np.eye(3)[1], 0.045, 0.012, 'mane')
        )


def _eye(figure: Figure, skull: float, centre, axes, index: int) -> None:
    ahead, up, out = axes
    look = 0.5 * ahead + 0.32 * up + 0.8 * out
    look /= np.linalg.norm(look)
    rim = centre + 0.86 * skull * look
    eye = rim + 0.2 * skull * look
    figure.capsules += [
        Capsule(rim, rim, 0.31 * skull, 0.31 * skull, 'rim'),
        Capsule(eye, eye, 0.18 * skull, 0.18 * skull, 'eye'),
    ]
    figure.mark(index, eye, 0.19 * skull)


def _ear(figure: Figure, species: Species, centre, up, out, ahead) -> None:
    skull = species.head[0]
    length, radius, splay = species.ear
    lean = np.cos(np.deg2rad(splay)) * up + np.sin(np.deg2rad(splay)) * out
    root = centre + skull * (0.62 * up + 0.55 * out - 0.35 * ahead)
    tip = root + length * lean
    figure.capsules += [
        Capsule(root, tip, radius, 0.3 * radius, 'coat', 2.2),
        Capsule(
            root + 0.5 * radius * ahead + 0.2 * length * lean,
            tip + 0.1 * radius * ahead - 0.25 * length * lean,
            0.68 * radius,
            0.25 * radius,
            'ear',
        ),
    ]


def _horn(figure: Figure, species: Species, centre, up, out, ahead) -> None:
    if not species.horns:
        return
    skull = species.head[0]
    root = centre + skull * (0.85 * up + 0.42 * out)
    steps = {
        'side': ((0.55, 0.35, 0.0), (0.2, 0.6, 0.1)),
        'back': ((0.12, 0.75, -0.35), (0.22, 0.25, -0.85)),
    }[species.horns]
    radius = 0.2 * skull
    for dx, dy, dz in steps:
        end = root + 1.25 * skull * (dx * out + dy * up + dz * ahead)
        figure.capsules.append(Capsule(root, end, radius, 0.6 * radius, 'horn'))
        root, radius = end, 0.6 * radius


def _tail(figure: Figure, species: Species, pose: Pose, root) -> None:
    length, thick, thin = species.tail
    figure.mark(4, root, 1.5 * thick + 0.06)
    knots = np.array((0, 0.33, 0.66, 1))
    radii = np.interp(knots, (0, 0.66, 1), (thick, thin, 0.7 * thin))
    point = root
    for i, lift in enumerate((0, -8, 14)):
        end = point + length / 3 * direction(
            180 - pose.tail - lift, -pose.tail_yaw * (1 + 0.3 * i)
        )
        material = 'tail_tip' if i == 2 else 'coat'
        figure.capsules.append(
            Capsule(point, end, radii[i], radii[i + 1], material, 0.2 + 0.3 * i)
        )
        point = end
