import numpy as np
import pytest
import torch

from ssltoolbox.semi.fusion import Vote, decide, fuse


def share(*pixels):
    """Probabilities (1, C, 1, W) of pixels that are given one by one."""
    return torch.tensor(pixels).T[None, :, None]


def test_probabilities_are_averaged():
    fused = fuse([Vote(share([0.9, 0.1], [0.2, 0.8])), Vote(share([0.5, 0.5], [0, 1]))])
    assert torch.allclose(fused.share, share([0.7, 0.3], [0.1, 0.9]))


def test_a_vote_counts_its_weight():
    fused = fuse([Vote(share([1.0, 0.0]), 3.0), Vote(share([0.0, 1.0]), 1.0)])
    assert torch.allclose(fused.share, share([0.75, 0.25]))


def test_where_a_view_saw_nothing_the_others_decide():
    known = torch.tensor([True, False])[None, None, None]
    one = Vote(share([0.6, 0.4], [0.6, 0.4]))
    other = Vote(share([0.0, 1.0], [0.0, 1.0]), 1.0, known)
    fused = fuse([one, other])
    assert torch.allclose(fused.share, share([0.3, 0.7], [0.6, 0.4]))
    assert fused.disagreement.tolist() == [0.5]


def test_half_precision_is_averaged_in_single():
    vote = Vote(share([0.1, 0.9]).half())
    assert fuse([vote] * 3).share.dtype == torch.float32
    assert torch.allclose(fuse([vote] * 3).share, vote.share.float(), atol=1e-7)


def test_a_pixel_is_disputed_if_one_vote_differs_from_the_fused_class():
    rng = np.random.default_rng(0)
    votes = torch.from_numpy(rng.dirichlet([1] * 3, (5, 2, 4, 6))).movedim(-1, 2)
    fused = fuse(Vote(each) for each in votes)
    chosen = fused.share.argmax(1)
    expected = (votes.argmax(2) != chosen).any(0).double().mean((-2, -1))
    assert fused.disagreement.double().numpy() == pytest.approx(expected.numpy())
    assert 0 < expected.min()


def test_one_vote_disputes_nothing():
    assert fuse([Vote(share([0.4, 0.6]))]).disagreement.tolist() == [0.0]


def test_the_input_is_left_as_it_is():
    one = share([0.9, 0.1])
    fuse([Vote(one), Vote(share([0.1, 0.9]))])
    assert torch.equal(one, share([0.9, 0.1]))


def test_none_is_not_enough():
    with pytest.raises(ValueError, match='one network or more'):
        fuse([])


def test_the_likeliest_class_is_chosen_and_doubt_is_ignored():
    given = share([0.5, 0.3, 0.2], [0.1, 0.1, 0.8])
    classes, confidence = decide(given)
    assert classes.tolist() == [[[0, 2]]]
    assert torch.allclose(confidence, torch.tensor([[[0.5, 0.8]]]))
    assert decide(given, 0.5)[0].tolist() == [[[0, 2]]]
    assert decide(given, 0.6)[0].tolist() == [[[255, 2]]]
    assert decide(given[0], 0.6)[0].tolist() == [[255, 2]]
