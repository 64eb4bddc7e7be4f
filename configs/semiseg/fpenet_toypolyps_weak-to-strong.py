"""FPENet on generated polyps, taught by its own weak views."""

_base_ = [
    '../_base_/semiseg_runtime.py',
    '../_base_/models/fpenet.py',
    '../_base_/datasets/toy_polyps.py',
    '../_base_/schedules/semiseg_toy.py',
    '../_base_/semi/weak_to_strong.py',
]
student = '${fpenet}'
