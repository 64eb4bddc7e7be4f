"""PoseCons with Joint Cutout, as long as resnet18_coco1k_posedual-cutout.py."""

_base_ = './resnet18_coco1k_posecons.py'
cutout = dict(type='ssltoolbox.JointCutout')
epochs = 70
milestones = [50, 60]
