"""ScarceNet on generated animals, 20 labelled images per species."""

_base_ = './resnet18_toyanimals_5shot.py'
labels = '${data_root}/label_lists/20shot_seed0.json'
