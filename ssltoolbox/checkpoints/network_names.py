"""Names of the networks in a semi-supervised model and in its checkpoints."""

Which = str
"""One of ``CHOICES``, or ``'auto'``."""

PREFIXES = {'teacher': 'teacher.model.', 'student': 'student.'}
"""Where the weights of each lie in a checkpoint."""

PEERS = {'net1': 'student', 'net2': 'teacher'}
"""Names of two networks that learn from each other, and the places they take."""

ENSEMBLE = 'ensemble'
CHOICES = ('student', 'teacher', *PEERS, ENSEMBLE)


def names_of(has_teacher: bool, peers: bool) -> tuple[str, ...]:
    """Name everything in a model that can predict.

    >>> names_of(has_teacher=True, peers=True)
    ('net1', 'net2', 'ensemble')
    """
    if peers:
        return (*PEERS, ENSEMBLE)
    return ('student', 'teacher') if has_teacher else ('student',)


def place_of(name: str) -> str:
    """``'student'`` or ``'teacher'``, where a network of this name lies."""
    return PEERS.get(name, name)


def members(name: str) -> tuple[str, ...]:
    """Name the networks that predict under this name.

    >>> members('ensemble')
    ('net1', 'net2')
    """
    return tuple(PEERS) if name == ENSEMBLE else (name,)
