"""HRNet-W32 with one head branch per joint, as published for ScarceNet."""

_base_ = './pose-hrnet-w32.py'

student = dict(
    head=dict(
        _delete_=True,
        type='ssltoolbox.JointSpecificHead',
        in_channels=32,
        out_channels=17,
        loss=dict(type='KeypointMSELoss', use_target_weight=True, loss_weight=0.5),
        decoder='${codec}',
    )
)
