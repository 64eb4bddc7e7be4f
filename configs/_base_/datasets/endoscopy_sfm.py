"""Endoscopic video with structure from motion: the published sequence of one patient.

Trained on its first 25 registered frames, tested on the last 10. That says nothing of
other patients: with more than one, name those of each part, and no ``views``.
"""

_base_ = './sfm_views.py'

data_root = 'data/endoscopy_sfm'
input_size = (320, 256)
num_workers = 4

train_set = dict(patients=[1], views=(0, 25))
val_set = dict(patients=[1], views=(25, 35))
test_set = dict(patients=[1], views=(25, 35))
leak_check = dict(
    allow=dict(
        group='one patient is all there is: results are not those of a new one',
        copy='parts are ranges of one video, and frames beside a bound are alike',
    )
)
