"""Golden vectors that our code does not match on purpose, and why.

``{system: reason}`` for a whole system, ``{system: {entry: reason}}`` for entries.
"""

NOT_MATCHED: dict[str, str | dict[str, str]] = {
    'scarcenet': {
        'curriculum_loss_unused': (
            'not ported: no command of the original calls this loss'
        ),
    },
    'posedual': {
        'half_body_select': (
            'not ported: every published setting switches off both the half-body crop '
            '(ours chooses the same joints, but takes their longer side for a square) '
            'and the choice of labelled records by their pose'
        ),
        'theta_conversion': (
            'not ported: nothing in the original calls it, and it takes the middle of '
            'a pixel for its edge'
        ),
    },
    'endodepth': {
        'stage_robust_validation': (
            'not ported: a score for the choice of the best network, which the original'
            ' has switched off; networks are chosen by their error at the points'
        ),
    },
    'ssl2dpose': {
        'entropy_min_unused': (
            'not ported: nothing in the original calls it, and it multiplies a softmax '
            'over channels with one over pixels'
        ),
        'bbox': (
            'not ported: nothing in the original calls this box around three points'
        ),
    },
}


def reason(system: str, name: str) -> str | None:
    """Why an entry is not matched, None if it should be."""
    listed = NOT_MATCHED.get(system)
    return listed.get(name) if isinstance(listed, dict) else listed
