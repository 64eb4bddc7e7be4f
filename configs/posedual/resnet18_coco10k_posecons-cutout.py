"""PoseCons with Joint Cutout, 10000 labelled persons of COCO."""

_base_ = './resnet18_coco5k_posecons-cutout.py'
labels = 10000
