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
        'kept on one side (tools/make_split.py --group-by)'
    ),
    'group': (
        'the results then are not those of a new one: keep it on one side '
        '(tools/make_split.py --group-by)'
    ),
    'id': 'Look at both whether they are the same picture',
}
HOW_TO_ALLOW = (
    'Take these images out of one side (tools/make_split.py draws parts that share '
    'none), or say why it has to be so, for the log: --cfg-options '
    "leak_check.allow='REASON'"
)


def describe(finding: Finding) -> str:
    """One sentence of what is shared, with an example.

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
    return f'{text}. {after}' if after else text


def refusal(findings: Sequence[Finding]) -> str:
    """The message of a run that must not begin for what was found."""
    grave = [describe(each) for each in findings]
    spoilt = 'Training on them would spoil the evaluation'
    return f'{"; ".join(grave)}. {spoilt}. {HOW_TO_ALLOW}'


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
