"""PoseDual with RandAugment, 1000 labelled persons of COCO."""

_base_ = './resnet18_coco1k_posedual.py'
unlabelled_views = dict(colour=[dict(type='ssltoolbox.ColourRandAugment'), '${pack}'])
method = dict(colour=True)
epochs = 70
milestones = [50, 60]
