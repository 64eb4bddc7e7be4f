"""Say what two parts of the data share, and what to do about it."""

from collections.abc import Sequence

from .compare import Finding

_WHAT = {
    'file': 'are {first} images too (the same file)',
    'copy': 'are copies of {first} images, in another file, size or format',
    'similar': 'look much like {first} images, though they are not the same',
    'id': 'have id and name of {first} images, but are other files',
    'group': 'are of a {group} that has {first} images too',
}
_NEXT = {
    'similar': (
        'Neighbouring frames of a video and slices of a scan are alike by nature: the '
        'results then are not those of a new recording, unless whole recordings are '
        'kept on one side ({divide})'
    ),
    'group': (
        'the results then are not those of a new one: keep it on one side ({divide})'
    ),
    'id': 'Look at both whether they are the same picture',
}
HOW_TO_ALLOW = (
    'Take these images out of one side ({apart}), or say why it has to be so, for the '
    "log: --cfg-options leak_check.allow='REASON'"
)
_PATIENTS = 'train_set.patients, val_set.patients and test_set.patients of the config'
_BY_FILE = dict(
    divide='tools/make_split.py --group-by',
    apart='tools/make_split.py draws parts that share none',
)
_BY_PATIENT = dict(
    divide=_PATIENTS, apart=f'by {_PATIENTS}, which name each patient once'
)
"""How images are kept apart: by a list of them, or by fields of the config."""


def describe(finding: Finding, by_patient: bool = False) -> str:
    """One sentence of what is shared, with an example.

    Args:
        finding: What is shared.
        by_patient: Whether the parts are made of patients that the config names.

    >>> describe(Finding('file', 'labelled', 'test', True, 2, 9, [('/a/b', '/a/b')]))
    '2 of 9 test images are labelled images too (the same file): /a/b, ...'
    """
    groups = ' or '.join(sorted({kind for kind, _ in finding.examples}))
    what = _WHAT[finding.kind].format(first=finding.first, group=groups)
    more = ', ...' if _hidden(finding) else ''
    text = f'{finding.count} of {finding.of} {finding.second} images {what}: '
    text += ', '.join(_examples(finding)) + more
    after = _NEXT.get(finding.kind) if finding.second != 'unlabelled' else None
    if (finding.first, finding.second) == ('validation', 'test'):
        after = 'What is chosen by the validation is then no test'
    how = _BY_PATIENT if by_patient else _BY_FILE
    return f'{text}. {after.format(**how)}' if after else text


def refusal(findings: Sequence[Finding], by_patient: bool = False) -> str:
    """The message of a run that must not begin for what was found."""
    grave = [describe(each, by_patient) for each in findings]
    spoilt = 'Training on them would spoil the evaluation'
    how = HOW_TO_ALLOW.format(**(_BY_PATIENT if by_patient else _BY_FILE))
    return f'{"; ".join(grave)}. {spoilt}. {how}'


def _hidden(finding: Finding) -> bool:
    if finding.kind == 'group':
        return len(finding.examples) == 5
    return finding.count > len(_examples(finding))


def _examples(finding: Finding) -> list[str]:
    if finding.kind == 'group':
        return [f'{kind} {name}' for kind, name in finding.examples]
    if finding.kind == 'file':
        return [file for file, _ in finding.examples[:1]]
    bits = [f' ({bits} bits)' for bits in finding.distances] or [''] * 5
    return [
        f'{two} and {one}{distance}'
        for (one, two), distance in zip(finding.examples[:2], bits, strict=False)
    ]
