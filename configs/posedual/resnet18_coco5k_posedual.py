"""PoseDual, 5000 labelled persons of COCO."""

_base_ = './resnet18_coco1k_posedual.py'
labels = 5000
epochs = 100
milestones = [70, 90]
