"""CGNet on the labels of CT slices of COVID-19."""

_base_ = [
    '../_base_/semiseg_runtime.py',
    '../_base_/models/cgnet.py',
    '../_base_/datasets/covid_ct.py',
    '../_base_/schedules/semiseg.py',
    '../_base_/semi/labels_alone.py',
]
student = '${cgnet}'
