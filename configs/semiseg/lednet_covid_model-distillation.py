"""LEDNet on CT slices of COVID-19, taught by three large networks."""

_base_ = [
    '../_base_/semiseg_runtime.py',
    '../_base_/models/large_bases.py',
    '../_base_/models/lednet.py',
    '../_base_/datasets/covid_ct.py',
    '../_base_/schedules/semiseg.py',
    '../_base_/semi/model_distillation.py',
]
student = '${lednet}'
