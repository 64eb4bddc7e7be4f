"""How frames with instruments are read, augmented and evaluated: always as a whole.

Expects ``codec`` from the network, and ``train_set``, ``val_set`` and ``test_set`` from
the data set.
"""

_base_ = './few_images.py'

load = [dict(type='ssltoolbox.LoadImage')]
plain_view = dict(type='ssltoolbox.ImageView', input_size='${codec.input_size}')
train_view = [dict(type='ssltoolbox.SurgicalView', input_size='${codec.input_size}')]
make_target = [dict(type='GenerateTarget', encoder='${codec}')]
pack = dict(type='ssltoolbox.PackPoseView')
task = dict(type='ssltoolbox.BottomupPoseTask')

eval_pipeline = ['*${load}', '${plain_view}', '${pack}']
