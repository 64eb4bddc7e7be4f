"""Labels alone, as long as PoseDual: 5000 persons of COCO."""

_base_ = './resnet18_coco1k_supervised.py'
labels = 5000
epochs = 100
milestones = [70, 90]
