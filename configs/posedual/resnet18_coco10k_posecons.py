"""PoseCons, 10000 labelled persons of COCO."""

_base_ = './resnet18_coco5k_posecons.py'
labels = 10000
