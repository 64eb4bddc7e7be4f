"""Labels alone, as long as resnet18_coco1k_posedual-cutout.py: 1000 persons of COCO."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/pose-resnet18.py',
    '../_base_/datasets/coco_posedual.py',
    '../_base_/schedules/posedual.py',
    '../_base_/semi/posedual_supervised.py',
]
epochs = 70
milestones = [50, 60]
