"""The toy animals, re-labelled by the filter in my_filter.py."""

_base_ = '../../configs/scarcenet/resnet18_toyanimals_5shot.py'

custom_imports = dict(imports=['my_filter'])
method = dict(agreement=dict(type='ssltoolbox.InsideAgreementFilter', border=0.02))
