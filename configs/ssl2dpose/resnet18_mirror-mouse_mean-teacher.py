"""Mean teacher on a mouse: 10 labelled frames, 50 more and a video without labels."""

_base_ = '../scarcenet/resnet18_mirror-mouse_10shot.py'
method = dict(
    _delete_=True,
    type='ssltoolbox.MeanTeacher',
    consistency=dict(type='ssltoolbox.SigmoidRamp', end=1.0, length=10),
)
unlabelled = dict(pseudo_labels=None)
unlabelled_video = dict(pseudo_labels=None)
stages = [
    dict(name='supervised', cfg='${supervised_stage}'),
    dict(name='semi', cfg='${semi_stage}'),
]
label_curve = dict(against='../scarcenet/resnet18_mirror-mouse_10shot_supervised.py')
