"""Generated tubes with exact depth: ``python -m ssltoolbox.testing.toy_tubes``.

Six patients of one sequence each. The best checkpoint is chosen at the points, as where
no truth is known; ``dense`` are the errors of all pixels.
"""

_base_ = './sfm_views.py'

data_root = 'data/toy_tubes'
input_size = (96, 64)
num_workers = 1

adjacent = (2, 8)
sfm_settings = dict(downsampling=2.0, multiple=32, visibility_window=3, half_pixel=True)
train_set = dict(patients=[1, 2, 3, 4])
val_set = dict(patients=[5])
test_set = dict(patients=[6])
label_curve = dict(
    against='fcdensenet_toytubes_sfm.py',
    draw=dict(field='train_set.patients', values=[1, 2, 3, 4]),
)
val_evaluator = [
    dict(type='ssltoolbox.DepthMetric'),
    dict(type='ssltoolbox.DepthMetric', dense=True, prefix='dense'),
]
