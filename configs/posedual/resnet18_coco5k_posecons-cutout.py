"""PoseCons with Joint Cutout, 5000 labelled persons of COCO."""

_base_ = './resnet18_coco1k_posecons-cutout.py'
labels = 5000
epochs = 100
milestones = [70, 90]
