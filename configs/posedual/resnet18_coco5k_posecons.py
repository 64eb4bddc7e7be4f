"""PoseCons, 5000 labelled persons of COCO."""

_base_ = './resnet18_coco1k_posecons.py'
labels = 5000
epochs = 100
milestones = [70, 90]
