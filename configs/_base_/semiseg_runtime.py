"""What every run of Semi-Seg shares: the default runtime, and early stopping.

Expects ``early_stopping`` from the schedule.
"""

_base_ = './default_runtime.py'

default_hooks = dict(early_stopping='${early_stopping}')
