"""Generated polyps by one map of the network, taught by its own average."""

_base_ = '../../configs/semiseg/fpenet_toypolyps_mean-teacher.py'

custom_imports = dict(imports=['my_task'])
task = dict(type='ssltoolbox.OneClassTask')
student = '${fpenet}'
fpenet = dict(
    decode_head=dict(
        out_channels=1,
        threshold=0.5,
        loss_decode=dict(use_sigmoid=True),
    )
)
