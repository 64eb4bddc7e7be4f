"""Layout of the 24 joints in which data sets of people are joined, as mmpose reads it.

``metainfo=dict(from_file='configs/_base_/datasets/person_union.py')`` gives it to a
data set. Sigmas are those of COCO, and of mmpose's MPII where COCO has no such joint.
"""

_GREEN, _ORANGE, _BLUE = [0, 255, 0], [255, 128, 0], [51, 153, 255]


def _joint(id, name, type, swap=''):
    sides = {'left': _GREEN, 'right': _ORANGE}
    color = sides.get(name.split('_')[0], _BLUE)
    return dict(name=name, id=id, color=color, type=type, swap=swap)


def _link(id, first, second):
    sides = {'left': _GREEN, 'right': _ORANGE}
    color = sides.get(first.split('_')[0], _BLUE)
    return dict(link=(first, second), id=id, color=color)


_joints = [
    ('pelvis', 'lower', ''),
    ('right_hip', 'lower', 'left_hip'),
    ('right_knee', 'lower', 'left_knee'),
    ('right_ankle', 'lower', 'left_ankle'),
    ('left_hip', 'lower', 'right_hip'),
    ('left_knee', 'lower', 'right_knee'),
    ('left_ankle', 'lower', 'right_ankle'),
    ('belly', 'upper', ''),
    ('thorax', 'upper', ''),
    ('neck', 'upper', ''),
    ('upper_neck', 'upper', ''),
    ('nose', 'upper', ''),
    ('head', 'upper', ''),
    ('head_top', 'upper', ''),
    ('left_shoulder', 'upper', 'right_shoulder'),
    ('left_elbow', 'upper', 'right_elbow'),
    ('left_wrist', 'upper', 'right_wrist'),
    ('right_shoulder', 'upper', 'left_shoulder'),
    ('right_elbow', 'upper', 'left_elbow'),
    ('right_wrist', 'upper', 'left_wrist'),
    ('right_eye', 'upper', 'left_eye'),
    ('left_eye', 'upper', 'right_eye'),
    ('right_ear', 'upper', 'left_ear'),
    ('left_ear', 'upper', 'right_ear'),
]
_links = [
    ('left_ankle', 'left_knee'),
    ('left_knee', 'left_hip'),
    ('right_ankle', 'right_knee'),
    ('right_knee', 'right_hip'),
    ('left_hip', 'right_hip'),
    ('left_shoulder', 'left_hip'),
    ('right_shoulder', 'right_hip'),
    ('pelvis', 'thorax'),
    ('thorax', 'upper_neck'),
    ('neck', 'head_top'),
    ('upper_neck', 'head_top'),
    ('left_shoulder', 'right_shoulder'),
    ('left_shoulder', 'left_elbow'),
    ('right_shoulder', 'right_elbow'),
    ('left_elbow', 'left_wrist'),
    ('right_elbow', 'right_wrist'),
    ('left_eye', 'right_eye'),
    ('nose', 'left_eye'),
    ('nose', 'right_eye'),
    ('left_eye', 'left_ear'),
    ('right_eye', 'right_ear'),
]
dataset_info = dict(
    dataset_name='person_union',
    paper_info=dict(
        author='Xie, Rongchang and Wang, Chunyu and Zeng, Wenjun and Wang, Yizhou',
        title='An Empirical Study of the Collapsing Problem in Semi-Supervised 2D '
        'Human Pose Estimation',
        container='IEEE International Conference on Computer Vision',
        year='2021',
        homepage='https://arxiv.org/abs/2011.12498',
    ),
    keypoint_info={id: _joint(id, *joint) for id, joint in enumerate(_joints)},
    skeleton_info={id: _link(id, *link) for id, link in enumerate(_links)},
    joint_weights=[1.0] * 24,
    sigmas=[
        *[0.026, 0.107, 0.087, 0.089, 0.107, 0.087, 0.089],
        *[0.026, 0.026, 0.026, 0.026, 0.026, 0.026, 0.026],
        *[0.079, 0.072, 0.062, 0.079, 0.072, 0.062],
        *[0.025, 0.025, 0.035, 0.035],
    ],
)
