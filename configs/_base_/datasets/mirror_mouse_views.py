"""The mouse of ``mirror_mouse.py``, in the views of PoseCons and PoseDual.

Unlabelled are the other training frames and those of the video, as one set.
"""

_base_ = ['./mirror_mouse.py', './easy_views.py']

supervised_joints = None  # the labelled frames have all
# a mirrored left paw would be a right one, and the camera does not turn
easy_view = dict(flip_prob=0.0, rotation=10, scale=0.15)
labelled = dict(dataset='${train_set}')
other_frames = dict(
    type='ssltoolbox.FewShotPoseDataset',
    dataset='${train_set}',
    labels='${labels}',
    part='unlabelled',
    forbidden='${evaluation_files}',
)
video_frames = dict(
    type='ssltoolbox.FewShotPoseDataset',
    dataset='${video_set}',
    labels=None,
    part='unlabelled',
)
unlabelled = dict(
    _delete_=True,
    type='ssltoolbox.MultiSourceDataset',
    sources=dict(frames='${other_frames}', video='${video_frames}'),
    pipeline=['*${load_person}', '${easy_view}', '${unlabelled_views}'],
)
