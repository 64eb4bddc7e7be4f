"""Labelled and unlabelled persons or animals as PoseCons and PoseDual see them.

Easy views; the hard ones are made of these during training, on the device. RandAugment
is one more view of the same crop:
``unlabelled_views = dict(colour=[<transform>, '${pack}'])``. Data sets fill in
``labelled.dataset`` and ``unlabelled.dataset``.
"""

unlabelled_labels = None  # '${labels}' takes the labelled ones out of the others
load_person = [
    dict(type='ssltoolbox.LoadImage'),
    dict(type='GetBBoxCenterScale', padding='${box_padding}'),
]
easy_view = dict(
    type='ssltoolbox.RandomView',
    input_size='${codec.input_size}',
    scale=0.25,
    rotation=30,
    rotation_prob=0.6,
    flip_prob=0.5,
)
pack = dict(type='ssltoolbox.PackPoseView')
labelled_views = dict(type='ssltoolbox.Branches', labelled=['${pack}'])
unlabelled_views = dict(type='ssltoolbox.Branches', easy=['${pack}'])

labelled = dict(
    type='ssltoolbox.FewShotPoseDataset',
    labels='${labels}',
    part='labelled',
    forbidden='${evaluation_files}',
    pipeline=['*${load_person}', '${easy_view}', '${labelled_views}'],
)
unlabelled = dict(
    type='ssltoolbox.FewShotPoseDataset',
    labels='${unlabelled_labels}',
    part='unlabelled',
    forbidden='${evaluation_files}',
    pipeline=['*${load_person}', '${easy_view}', '${unlabelled_views}'],
)
