"""Layout of the five joints of EndoVis'15 instruments, as mmpose reads it.

``metainfo=dict(from_file='configs/_base_/datasets/endovis_layout.py')`` gives it to a
data set. No sigmas were published for them: all are equal.
"""

_GREEN, _ORANGE, _BLUE = [0, 255, 0], [255, 128, 0], [51, 153, 255]


def _joint(id, name, color, swap=''):
    return dict(name=name, id=id, color=color, type='', swap=swap)


_links = [
    ('left_clasper', 'head', _GREEN),
    ('right_clasper', 'head', _ORANGE),
    ('head', 'shaft', _BLUE),
    ('shaft', 'end', _BLUE),
]
dataset_info = dict(
    dataset_name='endovis',
    paper_info=dict(
        author='Du, Xiaofei and Kurmann, Thomas and Chang, Ping-Lin and Allan, '
        'Maximilian and Ourselin, Sebastien and Sznitman, Raphael and Kelly, John D. '
        'and Stoyanov, Danail',
        title='Articulated Multi-Instrument 2-D Pose Estimation Using Fully '
        'Convolutional Networks',
        container='IEEE Transactions on Medical Imaging',
        year='2018',
        homepage='https://github.com/surgical-vision/EndoVisPoseAnnotation',
    ),
    keypoint_info={
        0: _joint(0, 'left_clasper', _GREEN, swap='right_clasper'),
        1: _joint(1, 'right_clasper', _ORANGE, swap='left_clasper'),
        2: _joint(2, 'head', _BLUE),
        3: _joint(3, 'shaft', _BLUE),
        4: _joint(4, 'end', _BLUE),
    },
    skeleton_info={
        id: dict(link=(first, second), id=id, color=color)
        for id, (first, second, color) in enumerate(_links)
    },
    joint_weights=[1.0] * 5,
    sigmas=[0.05] * 5,
)
