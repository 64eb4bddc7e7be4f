"""COCO with all its labels, and the persons whom a detector found in unlabeled2017.

``wild_boxes`` is a list of detections as COCO has it; all persons above ``min_score``
are used, as published.
"""

_base_ = './coco_posedual.py'

labels = None
wild_boxes = 'person_detection_results/COCO_unlabeled2017_detections_person.json'
wild_images = 'unlabeled2017'
min_score = 0.0

wild_set = dict(
    type='ssltoolbox.UnlabelledImages',
    data_root='${data_root}',
    img_dir='${wild_images}',
    boxes='${wild_boxes}',
    image_names='annotations/image_info_unlabeled2017.json',
    categories=[1],
    min_score='${min_score}',
    metainfo='${layout}',
)
unlabelled = dict(dataset='${wild_set}')
