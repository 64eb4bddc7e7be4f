"""Pairs of frames teach one network, whose running average is measured as well.

An option that the published programs do not have.
"""

_base_ = './sfm_supervision.py'

teacher = dict(type='ssltoolbox.EMATeacher', decay=0.999)
best = ['teacher/${metric}', 'student/${metric}']
semi_stage = dict(model=dict(teacher='${teacher}'))
