"""A toy data set that the tests of this folder share."""

import pytest


@pytest.fixture(scope='session')
def toy(tmp_path_factory):
    """24 train, 2 val and 2 test images of two species, in the layout of AP-10K."""
    from ssltoolbox.testing.toy_animals.generate import generate
    from ssltoolbox.testing.toy_animals.zoo import SPECIES

    return generate(
        tmp_path_factory.mktemp('toy') / 'animals',
        num_train=24,
        num_val=2,
        num_test=2,
        image_size=(64, 80),
        species=[species.name for species in SPECIES[:2]],
        progress=False,
    )
