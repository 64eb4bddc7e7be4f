"""Layout of the four points of RMIT instruments, as mmpose reads it.

``metainfo=dict(from_file='configs/_base_/datasets/rmit_layout.py')`` gives it to a
data set. The files do not name the points; the first is said to be on the shaft. No
sigmas were published for them: all are equal. The colours stay apart for colour-blind
readers (Okabe and Ito, 2008).
"""

_COLORS = [[230, 159, 0], [86, 180, 233], [0, 158, 115], [204, 121, 167]]

dataset_info = dict(
    dataset_name='rmit',
    paper_info=dict(
        author='Sznitman, Raphael and Ali, Karim and Richa, Rogerio and Taylor, '
        'Russell H. and Hager, Gregory D. and Fua, Pascal',
        title='Data-Driven Visual Tracking in Retinal Microsurgery',
        container='Medical Image Computing and Computer-Assisted Intervention',
        year='2012',
        homepage='',
    ),
    keypoint_info={
        id: dict(name=f'point_{id + 1}', id=id, color=color, type='', swap='')
        for id, color in enumerate(_COLORS)
    },
    skeleton_info={},
    joint_weights=[1.0] * 4,
    sigmas=[0.05] * 4,
)
