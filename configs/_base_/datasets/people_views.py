"""Views of people for PoseCons and PoseDual, in the joints of the union."""

_base_ = ['./evaluation.py', './easy_views.py']

layout = dict(from_file='configs/_base_/datasets/person_union.py')
