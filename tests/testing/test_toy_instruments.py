"""The toy instruments: exact joints, sides, smooth motion, what hides, what differs."""

from dataclasses import replace

import numpy as np
import pytest

from ssltoolbox.testing.drawing.render import SUPERSAMPLE, Camera, Canvas
from ssltoolbox.testing.toy_instruments.body import (
    END,
    END_MARGIN,
    HEAD,
    LEFT,
    MARGIN,
    MATERIALS,
    RIGHT,
    SHAFT,
    build,
)
from ssltoolbox.testing.toy_instruments.kinds import RETINAL, SEEN, UNSEEN, individual
from ssltoolbox.testing.toy_instruments.pose import SIDES, Pose, Trajectory
from ssltoolbox.testing.toy_instruments.scenario import EYE, surgery
from ssltoolbox.testing.toy_instruments.take import (
    HIDDEN,
    NOTHING,
    SHOWN,
    TIP,
    Take,
)
from ssltoolbox.testing.toy_instruments.take import SHAFT as TUBE
from ssltoolbox.testing.toy_instruments.video import TAKE, video

SIZE, SMALL = (180, 144), (80, 64)
LEVEL = Pose(
    place=np.array([0.6, 0.5]), heading=0, dip=0, bend=0, nod=0, roll=0, lean=0,
    opening=40)  # fmt: skip
KINDS = {kind.name: kind for kind in SEEN + UNSEEN + RETINAL}


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param]


def poses(side, opening=(3, 60)):
    """Yield poses of many trajectories."""
    for seed in range(12):
        rng = np.random.default_rng(seed)
        way = Trajectory(rng, side, SIZE[0] / SIZE[1], opening)
        yield from (way.at(frame) for frame in range(0, 60, 7))


def drawn_middle(figure, material, joint):
    """Return the middle, in image pixels, of the part of a material at a joint."""
    camera, wanted = Camera(np.eye(3), SIZE[1], np.zeros(2)), figure.keypoints[joint]
    canvas = Canvas(*SIZE, MATERIALS)
    for part in figure.capsules:
        middle = 0.5 * (part.start + part.end)
        if part.material == material == 'pin' and np.allclose(middle, wanted):
            canvas.draw(part, camera)
        elif part.material == material and np.allclose(part.end, wanted):
            canvas.draw(part._replace(start=part.end), camera)
    ys, xs = np.nonzero(canvas.material >= 0)
    return (np.array([xs.mean(), ys.mean()]) + 0.5) / SUPERSAMPLE - 0.5


@pytest.mark.parametrize(
    'joint, material', [(LEFT, 'clasper'), (RIGHT, 'clasper'), (HEAD, 'pin')]
)
def test_a_joint_is_the_middle_of_what_is_drawn(kind, joint, material):
    figure = build(kind, replace(LEVEL, heading=205, bend=20, roll=30), SIZE)
    middle = drawn_middle(figure, material, joint)
    assert np.abs(middle - SIZE[1] * figure.keypoints[joint, :2]).max() < 0.35


def test_lengths_are_those_of_the_kind(kind):
    points = build(kind, LEVEL, SIZE).keypoints
    assert np.linalg.norm(points[HEAD] - points[SHAFT]) == pytest.approx(kind.wrist[0])
    # A shaft that comes level from the left leaves there, at its own height.
    assert points[END] == pytest.approx((END_MARGIN, points[SHAFT, 1], 0))
    tilted = build(kind, replace(LEVEL, dip=60, nod=0), SIZE).keypoints
    seen = np.linalg.norm((tilted[HEAD] - tilted[SHAFT])[:2])
    assert seen == pytest.approx(kind.wrist[0] / 2)
    assert tilted[HEAD, 2] < tilted[SHAFT, 2] == 0


@pytest.mark.parametrize(
    'heading, axis, sign', [(0, 1, -1), (180, 1, 1), (-90, 0, -1), (90, 0, 1)]
)
def test_left_is_on_the_left_of_who_looks_from_the_shaft_to_the_tip(
    kind, heading, axis, sign
):
    points = build(kind, replace(LEVEL, heading=heading), SIZE).keypoints
    assert sign * (points[LEFT, axis] - points[RIGHT, axis]) > 0.02


@pytest.mark.parametrize('side', SIDES)
def test_no_pose_confuses_the_sides_or_leaves_the_image(kind, side):
    limit = (np.array(SIZE) - 1) / SIZE[1]
    for pose in poses(side, kind.opening):
        points = build(kind, pose, SIZE).keypoints[:, :2]
        ahead = points[HEAD] - points[SHAFT]
        across = points[LEFT] - points[RIGHT]
        # The sign that all complete instruments of EndoVis'15 have.
        assert ahead[0] * across[1] - ahead[1] * across[0] < 0
        assert (points[:4] >= MARGIN - 1e-9).all()
        assert (points[:4] <= limit - MARGIN + 1e-9).all()
        border = np.abs(np.concatenate([points[END], limit - points[END]]))
        assert border.min() == pytest.approx(END_MARGIN)
        back = points[END] - points[SHAFT]
        assert pose.dip > 0 and back @ [
            np.cos(np.deg2rad(pose.heading)), np.sin(np.deg2rad(pose.heading))
        ] == pytest.approx(-np.linalg.norm(back))  # fmt: skip


def test_closed_claspers_still_have_two_tips(kind):
    points = build(kind, replace(LEVEL, opening=0), SIZE).keypoints
    gap = points[RIGHT, 1] - points[LEFT, 1]
    assert gap >= 1.8 * kind.claspers[2] - 1e-9


@pytest.mark.parametrize('pair', [True, False])
def test_masks_hold_the_joints_that_are_shown(pair):
    shown_share = []
    for number in range(12):
        scene = next(video(surgery(True, pair), SIZE, 1, (number,)))
        assert scene.image.shape == (144, 180, 3) and scene.image.dtype == np.uint8
        assert len(scene.instruments) == 1 + pair
        for keypoints in scene.instruments:
            cols, rows = np.round(keypoints[:, :2]).astype(int).T
            found = scene.mask[rows, cols]
            shown = keypoints[:, 2] == SHOWN
            wanted = np.array([TIP, TIP, TIP, TUBE, TUBE])
            assert (found[shown] != NOTHING).mean() >= 0.75
            assert (found[[SHAFT, END]] == wanted[[SHAFT, END]])[
                shown[[SHAFT, END]]
            ].all()
            assert (shown | (keypoints[:, 2] == HIDDEN)).all()
            shown_share.append(shown.mean())
    assert np.mean(shown_share) > 0.8


def test_tissue_in_front_hides_instrument_and_joints():
    hidden = 0
    for seed in range(16):
        scenario = surgery(True, pair=False)._replace(flap=1.0)
        take = Take(np.random.default_rng(seed), scenario, SMALL)
        scene = take.draw(0, np.random.default_rng(0))
        points = scene.instruments[0]
        for x, y, _ in points[points[:, 2] == HIDDEN].round().astype(int):
            hidden += 1
            assert scene.mask[y - 1 : y + 2, x - 1 : x + 2].min() == NOTHING
        take.flap = None
        assert (
            take.draw(0, np.random.default_rng(0)).instruments[0][:, 2] == SHOWN
        ).all()
    assert hidden > 3


def test_the_instrument_in_front_hides_the_one_behind():
    scenario = surgery(True, pair=True)._replace(flap=0.0)
    behind = 0
    for seed in range(40):
        take = Take(np.random.default_rng(seed), scenario, SMALL)
        scene = take.draw(0, np.random.default_rng(0))
        hidden = [int((p[:, 2] == HIDDEN).sum()) for p in scene.instruments]
        assert hidden[take.order[-1]] == 0
        behind += hidden[take.order[0]]
    assert behind > 0


def test_the_mask_is_where_the_instrument_changes_the_picture():
    scenario = surgery(True, False)._replace(flap=0.0, smoke=0.0, blood=0.0)
    for seed in range(4):
        take = Take(np.random.default_rng(seed), scenario, SIZE)
        take.noise = 0
        with_it, without = (
            take.draw(3, np.random.default_rng(5), empty=e) for e in (False, True)
        )
        assert not without.mask.any() and not without.instruments
        change = np.abs(with_it.image.astype(int) - without.image).max(-1)
        assert np.median(change[with_it.mask > 0]) > 20
        # Not zero: the instrument's grain shifts what is drawn for the lens.
        assert np.median(change[with_it.mask == 0]) < 8


def test_frames_of_a_take_move_smoothly_and_takes_differ():
    frames = list(video(surgery(True, True), SMALL, 2 * TAKE, (3,)))
    points = np.stack([np.stack(f.instruments)[..., :2] for f in frames])
    steps = np.linalg.norm(np.diff(points, axis=0), axis=-1) / 64
    cut = TAKE - 1
    assert np.delete(steps, cut, axis=0).max() < 0.16
    assert np.delete(steps, cut, axis=0).mean() < 0.05 < steps[cut].mean()
    assert (steps.reshape(len(steps), -1).max(1) > 0).all()


def test_a_longer_video_starts_with_the_shorter_one():
    short, long = (list(video(EYE, (80, 60), n, (1, 2))) for n in (3, TAKE + 1))
    for one, other in zip(short, long, strict=False):
        assert np.array_equal(one.image, other.image)


def test_unseen_geometries_are_none_that_training_shows():
    rng = np.random.default_rng(0)
    of_seen = [individual(kind, 1, rng) for kind in SEEN for _ in range(40)]
    assert {kind.name for kind in SEEN}.isdisjoint(kind.name for kind in UNSEEN)
    for kind in UNSEEN:
        for one in (individual(kind, 1, rng) for _ in range(40)):
            for field in (lambda k: k.shaft, lambda k: k.wrist[0]):
                values = [field(k) for k in of_seen]
                assert not min(values) <= field(one) <= max(values)
    assert surgery(True, True).kinds == SEEN and surgery(False, True).kinds == UNSEEN


def test_kinds_come_from_where_the_original_tools_come_from():
    for seed in range(6):
        scene = next(video(surgery(False, True), SIZE, 1, (seed,)))
        right, left = (points[END, 0] for points in scene.instruments)
        assert right > 90 > left
