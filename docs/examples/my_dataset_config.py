"""ScarceNet on animals that are read from a table by my_dataset.py."""

_base_ = '../../configs/scarcenet/resnet18_toyanimals_5shot.py'

custom_imports = dict(imports=['my_dataset'])
labels = 12  # images of the table
train_set = dict(
    _delete_=True,
    type='ssltoolbox.TablePoseDataset',
    data_root='${data_root}',
    data_prefix=dict(img='data/'),
    ann_file='annotations/train.csv',
    metainfo=dict(from_file='configs/_base_/datasets/ap10k.py'),
)
# these are no tables, so they are named as data sets rather than as files
evaluation_files = ['${val_dataloader.dataset}', '${test_dataloader.dataset}']
