"""MPII and AI Challenger as in ``mpii_aic.py``, tested on AI Challenger."""

_base_ = './mpii_aic.py'

test_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='ssltoolbox.AicPoseDataset',
        data_root='${aic_root}',
        subset='validation',
        metainfo='${layout}',
        test_mode=True,
        pipeline='${eval_pipeline}',
    )
)
test_evaluator = dict(
    _delete_=True,
    type='ssltoolbox.AicMetric',
    ann_file='${aic_root}/validation/keypoint_validation_annotation.json',
    whole_file=True,
)
