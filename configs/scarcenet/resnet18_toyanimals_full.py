"""Upper bound of the toy configs: all images labelled, as many iterations."""

_base_ = './resnet18_toyanimals_5shot_supervised.py'
labels = None
continued_sources = dict(_delete_=True, labelled='${labelled}')
continued_ratio = None
