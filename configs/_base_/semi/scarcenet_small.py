"""ScarceNet for small crops and runs of minutes.

The first stage gets the colours and squares of the strong view too, so that a baseline
that trains on misses nothing but the unlabelled images. The teacher must not look back
far, for the run is short.
"""

_base_ = './scarcenet.py'

supervised_augment = '${strong_augment}'
refine_peaks = True
teacher = dict(decay=0.99, buffers='ema', mode='eval')
method = dict(
    teacher_sees_strong=False,
    labelled_weight=1.0,
    agreement=dict(mode='centered', max_dist=1.2),  # 2.4 px, as published
)
