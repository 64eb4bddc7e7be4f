"""Registration with transforms that are known."""

import re

import numpy as np
import pytest

from ssltoolbox.evaluation.icp import IcpSettings, RegistrationError
from ssltoolbox.evaluation.registration import register
from ssltoolbox.evaluation.surface import Surface
from ssltoolbox.geometry.similarity import Similarity

from ..bumpy_surface import BACK, KNOWN, bumpy_surface, disturbed, some_points


@pytest.fixture(scope='module')
def surface():
    return bumpy_surface()


@pytest.fixture(scope='module')
def points(surface):
    return some_points(surface, 3000)


QUICK = IcpSettings(points=1000)


def misplaced(found, cloud):
    """How far points are from where they belong, root mean square, mm of about 60."""
    gaps = found.transform(cloud) - BACK(cloud)
    return np.sqrt((gaps**2).sum(1).mean())


@pytest.mark.parametrize('part', ['all', 'half', 'corner'])
def test_a_known_transform_is_found(surface, points, part):
    shown = {
        'all': points,
        'half': points[points[:, 2] > 0],
        'corner': points[(points[:, 2] > 0) & (points[:, 0] > 0)],
    }[part]
    cloud = KNOWN(shown)
    found = register(cloud, surface, disturbed(cloud), QUICK)
    assert found.transform.scale == pytest.approx(1 / 0.37, rel=1e-3)
    assert misplaced(found, cloud) < 0.05
    assert found.residuals.shape == (len(cloud),) and found.residuals.mean() < 0.01
    assert found.converged and not found.doubts


def test_noise_is_the_residual(surface, points):
    rng = np.random.default_rng(0)
    cloud = KNOWN(points[points[:, 2] > -5])
    noisy = cloud + rng.normal(0, 0.3 * KNOWN.scale, cloud.shape)
    found = register(noisy, surface, disturbed(cloud), QUICK)
    assert found.transform.scale == pytest.approx(1 / 0.37, rel=5e-3)
    assert misplaced(found, cloud) < 0.15
    # the mean size of what is normal, across the surface alone
    assert found.residuals.mean() == pytest.approx(0.3 * np.sqrt(2 / np.pi), rel=0.05)


def test_outliers_are_trimmed(surface, points):
    cloud = KNOWN(points).copy()
    cloud[:400] += KNOWN.scale * np.array([0, 0, 15.0])
    trimmed, whole = (
        register(cloud, surface, disturbed(cloud), IcpSettings(keep, points=1000))
        for keep in (0.8, 1.0)
    )
    assert misplaced(trimmed, cloud[400:]) < 0.05
    assert misplaced(whole, cloud[400:]) > 0.5
    # they are left out of the registration, not of the residuals
    assert trimmed.residuals[:400].mean() > 2


def test_without_a_start_a_whole_cloud_is_found(surface, points):
    cloud = KNOWN(points)
    found = register(cloud, surface, settings=QUICK)
    assert misplaced(found, cloud) < 0.05 and not found.doubts
    assert found.coverage > 0.99


def test_without_a_start_a_part_is_doubted(surface, points):
    cloud = KNOWN(points[points[:, 2] > 8])
    found = register(cloud, surface, settings=QUICK)
    assert any('of the surface, on which it may fit' in each for each in found.doubts)
    assert not register(cloud, surface, BACK, QUICK).doubts


def test_the_size_can_be_kept(surface, points):
    rigid = IcpSettings(with_scale=False, points=1000)
    cloud = KNOWN(points)
    found = register(cloud, surface, disturbed(cloud, size=1), rigid)
    assert found.transform.scale == pytest.approx(BACK.scale)
    assert misplaced(found, cloud) < 0.05


def test_a_cloud_to_points(points):
    target = Surface(points, np.empty((0, 3), int))
    cloud = KNOWN(points[points[:, 1] > 0])
    found = register(cloud, target, disturbed(cloud, 4, 1.03), QUICK)
    assert misplaced(found, cloud) < 0.05 and found.residuals.max() < 0.1


def test_a_wrong_start_is_told(surface, points):
    cloud = KNOWN(points[points[:, 2] > 0])
    far = Similarity(BACK.scale, BACK.rotation, BACK.translation + 500)
    with pytest.raises(RegistrationError, match='initial pose'):
        register(cloud, surface, far, QUICK)
    turned = disturbed(cloud, 120, 1)
    found = register(cloud, surface, turned, QUICK)
    assert misplaced(found, cloud) > 5
    assert re.match(r'the median residual is 2\.\d % of', found.doubts[0])
    few = IcpSettings(points=1000, max_iterations=1)
    doubts = register(cloud, surface, turned, few).doubts
    assert 'still moved after 2 iterations' in doubts[0]


def test_a_cloud_that_shrinks_to_nothing_is_told(points):
    """Far from a small surface, all points have one partner."""
    small = Surface(points * 1e-3, np.empty((0, 3), int))
    with pytest.raises(RegistrationError, match='initial pose'):
        register(points, small, Similarity(), QUICK)


@pytest.mark.parametrize(
    ('cloud', 'says'),
    [
        (np.empty((0, 3)), 'has 0 points'),
        (np.full((5, 3), np.nan), 'not finite'),
        (np.ones((5, 3)), 'one line'),
        (np.arange(12.0).reshape(4, 3), 'one line'),
    ],
)
def test_clouds_that_say_nothing_are_refused(surface, cloud, says):
    with pytest.raises(RegistrationError, match=says):
        register(cloud, surface)


@pytest.mark.parametrize(
    'wrong', [dict(keep=0), dict(max_iterations=0), dict(points=2)]
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValueError, match='keep must be in'):
        IcpSettings(**wrong)
