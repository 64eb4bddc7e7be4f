"""PoseDual with all labels of COCO and images of unknown people, as published."""

_base_ = './posedual.py'

epochs = 400
milestones = [300, 350]
