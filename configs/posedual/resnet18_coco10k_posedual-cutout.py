"""PoseDual with Joint Cutout, 10000 labelled persons of COCO."""

_base_ = './resnet18_coco5k_posedual-cutout.py'
labels = 10000
