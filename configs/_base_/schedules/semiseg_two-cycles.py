"""Schedule of Semi-Seg with its first two epochs, in a cycle of their own.

As published nothing is frozen in them. To leave the backbone as it is, with the
statistics of its batch norms, until the second cycle begins:

    default_hooks.freeze = dict(type='ssltoolbox.FreezeHook', epochs=2)
"""

_base_ = './semiseg.py'

epochs = 22
cycles = [
    dict(type=kind, begin=begin, end=end, convert_to_iter_based=True)
    for kind in ('ssltoolbox.OneCycleLR', 'ssltoolbox.OneCycleMomentum')
    for begin, end in ((0, 2), (2, 22))
]
