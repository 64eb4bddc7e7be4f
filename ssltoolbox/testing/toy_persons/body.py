"""Turn a person and a pose into a 3-D figure with the 17 keypoints of COCO."""

import numpy as np

from ssltoolbox.testing.drawing.figure import Capsule, Figure

from .annotations import KEYPOINTS
from .head import add_head
from .person import Person
from .pose import Pose

MATERIALS = (
    'skin',
    'ear',
    'nose',
    'mouth',
    'white',
    'pupil',
    'hair',
    'cap',
    'shirt',
    'badge',
    'trousers',
    'shoe',
    'toe',
    'pack',
    'seat',
)
PROPS = ('pack', 'seat')
LEFT_ANKLE, RIGHT_ANKLE = 15, 16


def turned(frame: np.ndarray, lean: float, sway: float, twist: float) -> np.ndarray:
    """Turn the rows forward, up, right: lean forward, sway and twist to the right."""
    (a, b, c), one = np.deg2rad((lean, sway, twist)), 1.0
    forward = [[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, one]]
    sideways = [[one, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]]
    around = [[np.cos(c), 0, np.sin(c)], [0, one, 0], [-np.sin(c), 0, np.cos(c)]]
    return np.array(around) @ np.array(sideways) @ np.array(forward) @ frame


def build(person: Person, pose: Pose) -> Figure:
    """Pose one person; the origin is the middle of the hips."""
    figure = Figure(MATERIALS, (LEFT_ANKLE, RIGHT_ANKLE), PROPS)
    level = np.eye(3)
    lean, sway, twist = pose.trunk
    pelvis = turned(level, 0.4 * lean, 0.3 * sway, 0)
    trunk = turned(level, lean, sway, twist)
    _trunk(figure, person, pelvis, trunk)
    for row, (name, sign) in enumerate((('left', -1), ('right', 1))):
        shoulder = (0, 0.97, sign * person.shoulder) @ trunk
        _arm(figure, person, (name, sign), shoulder, trunk, pose.arms[row])
        _leg(figure, person, (name, sign), pelvis, pose.legs[row])
    if person.legwear == 'skirt':
        _skirt(figure, person)
    head_lean, head_sway, head_twist = pose.head
    head = turned(level, head_lean, head_sway, twist + head_twist)
    add_head(figure, person, trunk, head)
    if pose.posture == 'sit':
        _bench(figure, person)
    return figure


def _mark(figure: Figure, name: str, point: np.ndarray, cover: float) -> None:
    figure.mark(KEYPOINTS.index(name), point, cover)


def _trunk(figure: Figure, person: Person, pelvis, trunk) -> None:
    """Add pelvis, ribs and shoulders, and what is worn on chest and back."""
    girth, wide = person.girth, person.shoulder
    left, right = ((0, 0, sign * person.hip) @ pelvis for sign in (-1, 1))
    figure.rod(left, right, 0.185 * girth, 'trousers')
    # So many, and so close, that they look like one smooth surface.
    for side in np.linspace(-1, 1, 9):
        low = (0, 0.16, 0.85 * side * person.hip) @ pelvis
        high = (0.01, 0.82, 0.58 * side * wide) @ trunk
        radius = 0.2 * girth
        figure.capsules.append(
            Capsule(low, high, 0.97 * radius, 1.03 * radius, 'shirt')
        )
    left, right = ((-0.02, 0.95, 0.8 * sign * wide) @ trunk for sign in (-1, 1))
    figure.rod(left, right, 0.125 * girth, 'shirt', 0.5)
    throat = (0.1, 0.97, 0) @ trunk
    figure.rod(throat, throat, 0.1 * girth, 'skin')
    _front(figure, person, trunk)
    if person.pack:
        low, high = (-0.32, 0.3, 0) @ trunk, (-0.3, 0.78, 0) @ trunk
        for side in np.linspace(-0.1, 0.1, 4):
            out = (0, 0, side) @ trunk
            figure.capsules.append(Capsule(low + out, high + out, 0.2, 0.17, 'pack'))


def _front(figure: Figure, person: Person, trunk) -> None:
    """Add what tells the chest from the back."""
    out = 0.2 * person.girth
    if person.front == 'badge':
        spot = (out - 0.045, 0.68, -0.4 * person.shoulder) @ trunk
        figure.rod(spot, spot, 0.085, 'badge')
    elif person.front == 'zip':
        low, high = ((out - 0.008, y, 0) @ trunk for y in (0.18, 0.84))
        figure.rod(low, high, 0.03, 'badge')
    elif person.front == 'buttons':
        for y in (0.26, 0.46, 0.66, 0.84):
            spot = (out, y, 0) @ trunk
            figure.rod(spot, spot, 0.038, 'badge')


def limb(frame: np.ndarray, angles: np.ndarray, sign: int) -> np.ndarray:
    """Return the direction ``angles`` degrees forward and outward from down."""
    a, b = np.deg2rad(angles)
    down = (np.cos(b) * np.sin(a), -np.cos(b) * np.cos(a), sign * np.sin(b))
    return np.array(down) @ frame


def _arm(figure: Figure, person: Person, side, shoulder, frame, angles) -> None:
    """Add one arm; ``side`` is its name, and -1 for the left and 1 for the right."""
    name, sign = side
    top, middle, low = np.array((0.122, 0.09, 0.066)) * person.girth
    fore = limb(frame, angles[2:], sign)
    elbow = shoulder + person.arm[0] * limb(frame, angles[:2], sign)
    wrist = elbow + person.arm[1] * fore
    upper = 'shirt' if person.sleeve == 1 else 'skin'
    figure.capsules += [
        Capsule(shoulder, elbow, top, middle, upper),
        Capsule(elbow, wrist, middle, low, upper, 0.6),
        Capsule(wrist, wrist + 0.15 * fore, 1.1 * low, 1.3 * low, 'skin'),
    ]
    if 0 < person.sleeve < 1:
        hem = shoulder + 2 * person.sleeve * (elbow - shoulder)
        figure.capsules.append(Capsule(shoulder, hem, 1.1 * top, 1.15 * top, 'shirt'))
    _mark(figure, f'{name}_shoulder', shoulder, 2.2 * top)
    _mark(figure, f'{name}_elbow', elbow, 1.6 * middle)
    _mark(figure, f'{name}_wrist', wrist, 2.0 * low)


def _leg(figure: Figure, person: Person, side, pelvis, angles) -> None:
    """Add one leg with its shoe."""
    name, sign = side
    top, middle, low = np.array((0.172, 0.118, 0.078)) * person.girth
    hip = (0, 0, sign * person.hip) @ pelvis
    knee = hip + person.leg[0] * limb(np.eye(3), angles[:2], sign)
    ankle = knee + person.leg[1] * limb(np.eye(3), angles[2:], sign)
    cloth = {'trousers': 1.0, 'shorts': 0.45, 'skirt': 0.3}[person.legwear]
    shank = 'trousers' if cloth == 1 else 'skin'
    figure.capsules += [
        Capsule(hip, knee, top, middle, 'trousers' if cloth == 1 else 'skin'),
        Capsule(knee, ankle, middle, low, shank, 0.8),
    ]
    if person.legwear == 'trousers':
        hem = knee + 0.9 * (ankle - knee)
        figure.capsules.append(Capsule(knee, hem, middle, 1.35 * low, 'trousers', 0.8))
    elif person.legwear == 'shorts':
        hem = hip + 0.8 * (knee - hip)
        figure.capsules.append(Capsule(hip, hem, 1.03 * top, 1.25 * middle, 'trousers'))
    _shoe(figure, ankle, float(angles[2]), sign)
    _mark(figure, f'{name}_hip', hip, 2.1 * top)
    _mark(figure, f'{name}_knee', knee, 1.8 * middle)
    _mark(figure, f'{name}_ankle', ankle, 2.0 * low)


def _shoe(figure: Figure, ankle, shank: float, sign: int) -> None:
    """Add a shoe with a pale toe, so that front and back differ; toes point out."""
    pitch = 0.75 * min(shank, 0) + (0.9 * shank if shank > 55 else 0)
    ahead, up, _ = turned(np.eye(3), -pitch, 0, 10 * sign)
    heel = ankle - 0.06 * ahead - 0.09 * up
    ball, toe = (ankle + x * ahead - 0.115 * up for x in (0.17, 0.29))
    figure.capsules += [
        Capsule(heel, ball, 0.092, 0.095, 'shoe'),
        Capsule(ball, toe, 0.1, 0.086, 'toe'),
    ]


def _skirt(figure: Figure, person: Person) -> None:
    """Add a skirt over both thighs."""
    hips, knees = (
        [figure.keypoints[KEYPOINTS.index(f'{s}_{joint}')] for s in ('left', 'right')]
        for joint in ('hip', 'knee')
    )
    for share in np.linspace(0, 1, 7):
        start = (1 - share) * hips[0] + share * hips[1]
        knee = (1 - share) * knees[0] + share * knees[1]
        figure.capsules.append(
            Capsule(
                start,
                start + 0.75 * (knee - start),
                0.18 * person.girth,
                0.2 * person.girth,
                'trousers',
            )
        )


def _bench(figure: Figure, person: Person) -> None:
    """Add a bench under the thighs, down to the feet."""
    top = -0.172 * person.girth - 0.06
    ground = figure.keypoints[[LEFT_ANKLE, RIGHT_ANKLE], 1].min() - 0.13
    for x in (-0.22, -0.04, 0.14, 0.32):
        left, right = (np.array((x, top, z)) for z in (-0.62, 0.62))
        figure.rod(left, right, 0.065, 'seat')
    for z in (-0.5, 0.5):
        for x in (-0.18, 0.28):
            high, low = (np.array((x, y, z)) for y in (top, ground))
            figure.rod(high, low, 0.05, 'seat')
