"""Model distillation: three networks label the images together."""

_base_ = './distillation.py'

members = ['${member_1}', '${member_2}', '${member_3}']
views = []  # the unchanged image alone
base_stage_2 = dict(
    model='${network_2}',
    train_dataloader='${supervised_loader}',
    train_cfg=dict(max_epochs='${supervised_epochs}'),
    param_scheduler='${supervised_scheduler}',
)
base_stage_3 = dict(
    model='${network_3}',
    train_dataloader='${supervised_loader}',
    train_cfg=dict(max_epochs='${supervised_epochs}'),
    param_scheduler='${supervised_scheduler}',
)
member_2 = dict(network='${network_2}', checkpoint='${base_2.best}', weight=1.0)
member_3 = dict(network='${network_3}', checkpoint='${base_3.best}', weight=1.0)
stages = [
    dict(name='base_1', cfg='${base_stage_1}'),
    dict(name='base_2', cfg='${base_stage_2}'),
    dict(name='base_3', cfg='${base_stage_3}'),
    dict(name='annotate', job='${annotation}'),
    dict(name='target', cfg='${target_stage}'),
]
