"""PoseDual: two networks, the easy views of one teach the hard views of the other.

Expects ``student``, ``codec`` and ``peer_init`` (models), ``labelled``, ``unlabelled``
and ``supervised_joints`` (data set), epochs and batch sizes (schedule) from the other
base configs.
"""

_base_ = './semi_stage.py'

affine = dict(type='ssltoolbox.RandomAffine')
cutout = dict()  # dict(type='ssltoolbox.JointCutout') hides squares at predicted joints
hard_view = dict(type='ssltoolbox.HardView', affine='${affine}', cutout='${cutout}')
method = dict(
    type='ssltoolbox.PoseDual',
    hard_view='${hard_view}',
    supervised_joints='${supervised_joints}',
)
teacher = dict(type='ssltoolbox.PeerTeacher', backbone_init='${peer_init}')
best = 'ensemble/${metric}'  # the original looks at the first network, net1

task = dict(type='ssltoolbox.PoseTask')
semi_sources = dict(labelled='${labelled}', unlabelled='${unlabelled}')
semi_loader = dict(sampler=dict(ratio=(1, 1)))
semi_stage = dict(
    model=dict(teacher='${teacher}'),
    custom_hooks=[
        '*${semi_hooks}',
        dict(type='ssltoolbox.CollapseMonitorHook', interval='${watch_interval}'),
    ],
)
stages = [dict(name='semi', cfg='${semi_stage}')]
