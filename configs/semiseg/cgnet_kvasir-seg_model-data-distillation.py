"""CGNet on Kvasir-SEG, taught by three large networks under flips."""

_base_ = [
    '../_base_/semiseg_runtime.py',
    '../_base_/models/large_bases.py',
    '../_base_/models/cgnet.py',
    '../_base_/datasets/kvasir_seg.py',
    '../_base_/schedules/semiseg.py',
    '../_base_/semi/model_data_distillation.py',
]
student = '${cgnet}'
