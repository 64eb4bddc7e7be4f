"""PoseDual with RandAugment, 10000 labelled persons of COCO."""

_base_ = './resnet18_coco5k_posedual-randaug.py'
labels = 10000
