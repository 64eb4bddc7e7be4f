"""PoseDual with Joint Cutout, 1000 labelled persons of COCO."""

_base_ = './resnet18_coco1k_posedual.py'
cutout = dict(type='ssltoolbox.JointCutout')
epochs = 70
milestones = [50, 60]
