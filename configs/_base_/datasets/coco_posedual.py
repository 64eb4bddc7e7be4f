"""COCO keypoints: some persons of train2017 with labels, all of them without.

``labels`` is a number of persons, counted from the start of the file, which are those
of PoseDual's 1K, 5K and 10K; or a list of ``tools/make_split.py``; None labels all. As
published the labelled persons are among the unlabelled ones, see ``easy_views.py``.
In the folders of the original program the images lie in ``images/train2017``.
"""

_base_ = './people_views.py'

data_root = 'data/coco'
train_images = 'train2017'
val_images = 'val2017'
num_workers = 4
labels = 1000
detections = None  # file of a detector's boxes to evaluate on; None: annotated boxes
supervised_joints = [1, 2, 3, 4, 5, 6, 11, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]

train_set = dict(
    type='ssltoolbox.CocoPoseDataset',
    data_root='${data_root}',
    ann_file='annotations/person_keypoints_train2017.json',
    data_prefix=dict(img='${train_images}'),
    metainfo='${layout}',
    file_layout='coco',
)
val_file = '${data_root}/annotations/person_keypoints_val2017.json'
evaluation_files = ['${val_file}']
labelled = dict(dataset='${train_set}')
unlabelled = dict(dataset='${train_set}')

persons_of_val = dict(
    type='ssltoolbox.CocoPoseDataset',
    data_root='${data_root}',
    ann_file='annotations/person_keypoints_val2017.json',
    data_prefix=dict(img='${val_images}'),
    bbox_file='${detections}',
    metainfo='${layout}',
    file_layout='coco',
)
val_dataloader = dict(dataset=persons_of_val)
test_dataloader = dict(dataset=persons_of_val)
del persons_of_val
val_evaluator = dict(
    type='ssltoolbox.KeypointAPMetric',
    ann_file='${val_file}',
    whole_file=True,
    layout='coco',
    detection_area='box',
)
test_evaluator = val_evaluator
