"""FPENet on BUSI, taught by three large networks under flips."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/deeplabv3plus.py',
    '../_base_/models/hrnet_w48.py',
    '../_base_/models/manet.py',
    '../_base_/models/fpenet.py',
    '../_base_/datasets/busi.py',
    '../_base_/schedules/semiseg.py',
    '../_base_/semi/model_data_distillation.py',
]
network_1 = '${deeplabv3plus}'
network_2 = '${hrnet_w48}'
network_3 = '${manet}'
student = '${fpenet}'
