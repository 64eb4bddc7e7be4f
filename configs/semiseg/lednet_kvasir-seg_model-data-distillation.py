"""LEDNet on Kvasir-SEG, taught by three large networks under flips."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/deeplabv3plus.py',
    '../_base_/models/hrnet_w48.py',
    '../_base_/models/manet.py',
    '../_base_/models/lednet.py',
    '../_base_/datasets/kvasir_seg.py',
    '../_base_/schedules/semiseg.py',
    '../_base_/semi/model_data_distillation.py',
]
network_1 = '${deeplabv3plus}'
network_2 = '${hrnet_w48}'
network_3 = '${manet}'
student = '${lednet}'
