"""Properties that every component of a kind must have, and how they are reported."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class BrokenProperty(AssertionError):
    """A component lacks properties that its kind must have.

    Attributes:
        broken: What came instead, by the name of the property.
    """

    def __init__(self, message: str, broken: dict[str, str]) -> None:
        super().__init__(message)
        self.broken = broken


@dataclass(frozen=True)
class Property:
    """One property.

    Attributes:
        name: A sentence that holds for a sound component.
        repair: What to change where it does not hold.
        find: Says of a case what came instead, or None.
        first: Where it is broken, the properties after it are not looked at.
    """

    name: str
    repair: str
    find: Callable[[Any], str | None]
    first: bool = False


class Family:
    """The properties of one kind of component, in the order of their definition.

    Args:
        kind: The kind, in the plural, for messages.

    >>> numbers = Family('numbers')
    >>> @numbers.property('it is even', repair='double it')
    ... def even(number):
    ...     return f'{number} is odd' if number % 2 else None
    >>> numbers.check('my number', 2)
    >>> numbers.check('my number', 3)
    Traceback (most recent call last):
    ssltoolbox.testing.properties.family.BrokenProperty: my number breaks 1 of the 1 \
properties of numbers:
    - it is even: 3 is odd. Repair: double it.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.properties: list[Property] = []

    def property(self, name: str, repair: str, first: bool = False) -> Callable:
        """Register a function that says what came instead of the property, or None."""

        def register(find: Callable[[Any], str | None]) -> Callable:
            self.properties.append(Property(name, repair, find, first))
            return find

        return register

    def check(self, component: str, case: Any) -> None:
        """Look at all properties; an exception of the component breaks the property.

        Args:
            component: Its name, for the message.
            case: What the properties look at.

        Raises:
            BrokenProperty: It names each broken property, what came, and the repair.
        """
        broken, lines = {}, []
        for each in self.properties:
            came, repair = _ask(each, case)
            if came is None:
                continue
            broken[each.name] = came
            lines.append(f'- {each.name}: {came}. Repair: {repair}.')
            if each.first:
                break
        if broken:
            head = (
                f'{component} breaks {len(broken)} of the {len(self.properties)} '
                f'properties of {self.kind}:'
            )
            raise BrokenProperty('\n'.join([head, *lines]), broken)


def _ask(each: Property, case: Any) -> tuple[str | None, str]:
    """What came instead of a property, None where it holds; and the repair."""
    try:
        return each.find(case), each.repair
    except Exception as error:
        if os.environ.get('SSLTOOLBOX_DEBUG'):
            raise
        # where the component does not work at all, any cause is possible
        repair = 'SSLTOOLBOX_DEBUG=1 shows where' if each.first else each.repair
        return f'{type(error).__name__}: {error}'.rstrip('.'), repair
