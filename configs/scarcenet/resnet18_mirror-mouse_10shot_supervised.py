"""Baseline of resnet18_mirror-mouse_10shot.py: its labels alone, equal iterations."""

_base_ = ['./resnet18_mirror-mouse_10shot.py', '../_base_/semi/supervised.py']
continued_sources = dict(video='${undrawn_video}')
continued_ratio = (1, 0, 0)  # labelled, undrawn, undrawn
undrawn_video = dict(
    type='ssltoolbox.FewShotPoseDataset',
    dataset='${video_set}',
    labels=None,
    part='unlabelled',
)
stages = [
    dict(name='supervised', cfg='${supervised_stage}'),
    dict(name='continued', cfg='${continued_stage}'),
]
