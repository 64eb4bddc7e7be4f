"""Labels alone, as long as PoseDual: 10000 persons of COCO."""

_base_ = './resnet18_coco5k_supervised.py'
labels = 10000
