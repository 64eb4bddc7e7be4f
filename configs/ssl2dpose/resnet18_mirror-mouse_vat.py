"""VAT on a mouse: 10 labelled frames, 50 more and a video without labels."""

_base_ = './resnet18_mirror-mouse_mean-teacher.py'
# the teacher only averages, and is measured beside the student
method = dict(_delete_=True, type='ssltoolbox.VAT', eps=2.0)
