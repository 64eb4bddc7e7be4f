"""FPENet on generated polyps, kept smooth by virtual adversarial training."""

_base_ = [
    '../_base_/semiseg_runtime.py',
    '../_base_/models/fpenet.py',
    '../_base_/datasets/toy_polyps.py',
    '../_base_/schedules/semiseg_toy.py',
    '../_base_/semi/vat.py',
]
student = '${fpenet}'
