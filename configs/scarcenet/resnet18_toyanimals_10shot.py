"""ScarceNet on generated animals, 10 labelled images per species."""

_base_ = './resnet18_toyanimals_5shot.py'
labels = '${data_root}/label_lists/10shot_seed0.json'
