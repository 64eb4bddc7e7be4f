"""Layout of the five joints of EndoVis'15 instruments, as mmpose reads it.

``metainfo=dict(from_file='configs/_base_/datasets/endovis_layout.py')`` gives it to a
data set. No sigmas were published for them: all are equal. The colours stay apart for
colour-blind readers (Okabe and Ito, 2008).
"""

_ORANGE, _SKY, _GREEN = [230, 159, 0], [86, 180, 233], [0, 158, 115]
_PURPLE, _YELLOW = [204, 121, 167], [240, 228, 66]


def _joint(id, name, color, swap=''):
    return dict(name=name, id=id, color=color, type='', swap=swap)


_links = [
    ('left_clasper', 'head', _ORANGE),
    ('right_clasper', 'head', _SKY),
    ('head', 'shaft', _GREEN),
    ('shaft', 'end', _PURPLE),
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
        0: _joint(0, 'left_clasper', _ORANGE, swap='right_clasper'),
        1: _joint(1, 'right_clasper', _SKY, swap='left_clasper'),
        2: _joint(2, 'head', _GREEN),
        3: _joint(3, 'shaft', _PURPLE),
        4: _joint(4, 'end', _YELLOW),
    },
    skeleton_info={
        id: dict(link=(first, second), id=id, color=color)
        for id, (first, second, color) in enumerate(_links)
    },
    joint_weights=[1.0] * 5,
    sigmas=[0.05] * 5,
)
