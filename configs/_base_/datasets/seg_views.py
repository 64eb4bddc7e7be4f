"""How images and their masks are read, augmented and evaluated: always as a whole.

Expects ``train_set``, ``val_set``, ``test_set``, ``labels``, ``input_size`` and
``num_workers`` from the data set. One geometry serves training, annotation and
evaluation: the image is resized to ``input_size``, whatever its shape. Masks of the
evaluation keep the size of their images, to which predictions are enlarged.
"""

_base_ = './few_images.py'

load_mask = dict(type='ssltoolbox.LoadMask')
load = [dict(type='ssltoolbox.LoadImage'), '${load_mask}']
plain_view = dict(
    type='ssltoolbox.ImageView', input_size='${input_size}', antialias=True
)
distortion = dict(type='ssltoolbox.GridDistortion', prob=0.5, steps=5, limit=0.3)
random_view = dict(
    type='ssltoolbox.RandomImageView',
    input_size='${input_size}',
    hflip_prob=0.5,
    translation=0,
    rotation=10,
    rotation_prob=0.4,
    border='reflect',
    antialias=True,
)
train_view = ['${distortion}', '${random_view}']  # as published, but of whole images
make_target = []
pack = dict(type='ssltoolbox.PackSegView')
task = dict(type='ssltoolbox.SegTask')
seg_preprocessor = dict(
    type='mmseg.SegDataPreProcessor',
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    bgr_to_rgb=True,
    size_divisor=1,  # views are of one size: nothing is padded
)

eval_pipeline = [
    dict(type='ssltoolbox.LoadImage'),
    '${plain_view}',
    '${load_mask}',
    '${pack}',
]

segmentation_metric = dict(type='ssltoolbox.MaskMetric')
val_evaluator = '${segmentation_metric}'
test_evaluator = '${segmentation_metric}'
metric = 'seg/Dice'  # 0..1
select = '${metric}'
