"""Mean teacher that sees plain views, and counts as much as the labels: on a CPU."""

_base_ = './daunet_toyinstruments_mean-teacher.py'
branches = dict(weak=['${plain_view}', '${pack}'])
method = dict(teacher_view='weak', consistency=dict(end=1.0))
teacher = dict(decay=0.99, mode='eval')
