"""How frames with structure from motion are read, changed and evaluated.

Expects ``data_root`` and ``input_size`` of the data set, which completes ``train_set``,
``val_set`` and ``test_set`` by ``patients``, and ``views`` where patients are shared.
"""

_base_ = './in_order.py'

adjacent = (5, 30)  # registered views between the two frames of a pair
sfm_settings = dict(
    downsampling=4.0,
    multiple=64,
    inlier_share=0.99,
    visibility_window=30,
)
eval_settings = '${sfm_settings}'
load_frame = dict(type='ssltoolbox.LoadSfmFrame')
augment = [dict(type='ssltoolbox.EndoscopicColour')]
colour_space = []  # [dict(type='ssltoolbox.ToHSV')], with bgr_to_rgb = False
bgr_to_rgb = True
pack = dict(type='ssltoolbox.PackDepthView')
pair_view = dict(
    type='ssltoolbox.SfmPair',
    frame=['${load_frame}', '*${augment}', '*${colour_space}', '${pack}'],
)
eval_pipeline = [
    dict(type='ssltoolbox.LoadSfmFrame', need_points=False),
    '*${colour_space}',
    '${pack}',
]
task = dict(type='ssltoolbox.DepthTask')
depth_preprocessor = dict(
    type='ssltoolbox.DepthDataPreprocessor',
    mean=[127.5, 127.5, 127.5],
    std=[127.5, 127.5, 127.5],
    bgr_to_rgb='${bgr_to_rgb}',
)

train_set = dict(
    type='ssltoolbox.SfmDataset',
    data_root='${data_root}',
    settings='${sfm_settings}',
    size='${input_size}',
    adjacent='${adjacent}',
    forbidden=['${val_set}', '${test_set}'],
    pipeline=['${pair_view}'],
)
evaluated = dict(
    type='ssltoolbox.SfmDataset',
    data_root='${data_root}',
    settings='${eval_settings}',
    size='${input_size}',
    test_mode=True,
    pipeline='${eval_pipeline}',
)
val_set = evaluated
test_set = evaluated
del evaluated
val_evaluator = [dict(type='ssltoolbox.DepthMetric')]
test_evaluator = '${val_evaluator}'
metric = 'depth/AbsRel'
select = '${metric}'
