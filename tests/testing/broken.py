"""A property is tested by a component that lacks it, and by one that has all."""

import pytest

from ssltoolbox.testing import BrokenProperty


def assert_named(check, family, name, component):
    """The checker names the property, what came, and the repair."""
    with pytest.raises(BrokenProperty) as caught:
        check()
    assert name in caught.value.broken, str(caught.value)
    (wanted,) = (each for each in family.properties if each.name == name)
    text = str(caught.value)
    assert f'- {name}: {caught.value.broken[name]}. Repair: ' in text
    assert wanted.repair in text
    assert text.startswith(f'{component} breaks ')


def assert_complete(family, examples):
    """There is a broken example for each property, and none for another."""
    assert list(examples) == [each.name for each in family.properties]
