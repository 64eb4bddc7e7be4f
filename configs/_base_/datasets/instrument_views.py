"""How frames with instruments are read, augmented and evaluated: always as a whole.

Expects ``codec`` from the network, and ``train_set``, ``val_set`` and ``test_set`` from
the data set.
"""

load = [dict(type='ssltoolbox.LoadImage')]
plain_view = dict(type='ssltoolbox.ImageView', input_size='${codec.input_size}')
train_view = [dict(type='ssltoolbox.SurgicalView', input_size='${codec.input_size}')]
make_target = [dict(type='GenerateTarget', encoder='${codec}')]
pack = dict(type='ssltoolbox.PackPoseView')
task = dict(type='ssltoolbox.BottomupPoseTask')

labelled = dict(
    type='ssltoolbox.FewShotImageDataset',
    dataset='${train_set}',
    labels='${labels}',
    part='labelled',
    forbidden='${evaluation_sets}',
)
unlabelled = dict(
    type='ssltoolbox.FewShotImageDataset',
    dataset='${train_set}',
    labels='${labels}',
    part='unlabelled',
    forbidden='${evaluation_sets}',
)
evaluation_sets = ['${val_set}', '${test_set}']
eval_pipeline = ['*${load}', '${plain_view}', '${pack}']
in_order = dict(
    batch_size=8,
    num_workers='${num_workers}',
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
)
val_dataloader = dict(**in_order, dataset='${val_set}')
test_dataloader = dict(**in_order, dataset='${test_set}')
del in_order
