"""Add head, face and hair to a person."""

import numpy as np

from ssltoolbox.testing.drawing.figure import Capsule, Figure

from .annotations import KEYPOINTS
from .person import Person


def add_head(figure: Figure, person: Person, trunk, frame) -> None:
    """Add neck and head; ``frame`` has the head's rows forward, up, right."""
    base = (-0.02, 1.0, 0) @ trunk
    rise = trunk[1] + frame[1]
    centre = base + (0.13 + 0.85 * person.head) * rise / np.linalg.norm(rise)
    figure.rod(base, centre, 0.115 * person.girth, 'skin')
    head = _Head(figure, centre, frame, person.head)
    head.add('skin', (0.0, 0.12, 0), (0.1, -0.3, 0), 0.98, 0.8)
    _face(head)
    _hair(head, person)
    if person.beard:
        head.ball('hair', (0.3, -0.56, 0), 0.62)


class _Head:
    """Places parts in skull radii: forward, up and to the right of the centre."""

    def __init__(self, figure: Figure, centre, frame, size: float) -> None:
        self.figure, self.centre, self.frame, self.size = figure, centre, frame, size

    def at(self, where) -> np.ndarray:
        return self.centre + self.size * (np.array(where) @ self.frame)

    def add(self, material: str, start, end, first: float, last: float) -> None:
        first, last = self.size * first, self.size * last
        capsule = Capsule(self.at(start), self.at(end), first, last, material)
        self.figure.capsules.append(capsule)

    def ball(self, material: str, where, radius: float) -> None:
        self.add(material, where, where, radius, radius)

    def mark(self, name: str, where, cover: float) -> None:
        index = KEYPOINTS.index(name)
        self.figure.mark(index, self.at(where), self.size * cover)


def _face(head: _Head) -> None:
    """Add eyes, nose, mouth, brows and ears with their keypoints."""
    nose = (1.0, -0.14, 0)
    head.add('nose', (0.9, 0.04, 0), nose, 0.1, 0.16)
    head.mark('nose', nose, 0.2)
    head.add('mouth', (0.87, -0.52, -0.2), (0.87, -0.52, 0.2), 0.08, 0.08)
    for name, sign in (('left', -1), ('right', 1)):
        eye = (0.84, 0.14, 0.4 * sign)
        head.ball('white', eye, 0.18)
        head.ball('pupil', (0.95, 0.13, 0.41 * sign), 0.13)
        head.mark(f'{name}_eye', eye, 0.28)
        inner, outer = (0.83, 0.4, 0.2 * sign), (0.72, 0.4, 0.6 * sign)
        head.add('hair', inner, outer, 0.07, 0.06)
        ear = (-0.04, 0.0, 0.98 * sign)
        head.add('ear', (-0.04, 0.1, 0.98 * sign), (0, -0.1, 0.96 * sign), 0.2, 0.16)
        head.mark(f'{name}_ear', ear, 0.3)


def _hair(head: _Head, person: Person) -> None:
    style = person.hair_style
    if style == 'bald':
        return
    if style == 'cap':
        head.ball('cap', (0.0, 0.32, 0), 0.98)
        for side in (-0.4, 0.0, 0.4):
            head.add('cap', (0.75, 0.5, side), (1.4, 0.42, 0.7 * side), 0.14, 0.1)
        head.ball('hair', (-0.2, -0.05, 0), 0.93)
        return
    if style == 'curly':
        head.ball('hair', (-0.22, 0.26, 0), 1.12)
        for turn in np.linspace(0, 2 * np.pi, 9, endpoint=False):
            spot = (0.1, 0.45 + 0.75 * np.cos(turn), 0.95 * np.sin(turn))
            if spot[1] > 0.2:
                head.ball('hair', spot, 0.42)
        return
    head.ball('hair', (-0.16, 0.17, 0), 1.03)
    if style == 'long':
        head.add('hair', (-0.35, 0, 0), (-0.6, -1.25, 0), 0.85, 0.62)
        for side in (-1, 1):
            start, end = (-0.15, 0.1, 0.75 * side), (-0.2, -1.05, 0.72 * side)
            head.add('hair', start, end, 0.42, 0.3)
    elif style == 'bun':
        head.ball('hair', (-0.75, 0.95, 0), 0.45)
