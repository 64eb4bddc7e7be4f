"""What every run shares: log, checkpoints, seed, validation of the data."""

default_scope = 'mmpose'
work_dir = None
launcher = 'none'
log_level = 'INFO'
load_from = None
resume = False

randomness = dict(seed=0, diff_rank_seed=True)
env_cfg = dict(
    cudnn_benchmark=False,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'),
)
default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(
        type='ssltoolbox.CheckpointHook',
        interval=1,
        max_keep_ckpts=2,
        save_best='${select}',
        rule='greater',
    ),
    sampler_seed=dict(type='DistSamplerSeedHook'),
)
custom_hooks = [
    dict(type='ssltoolbox.IterationSeedHook'),
    dict(type='ssltoolbox.StopOnNaNHook', interval=50),
    dict(type='SyncBuffersHook'),
]
visualizer = dict(
    type='Visualizer',
    vis_backends=[dict(type='LocalVisBackend'), dict(type='TensorboardVisBackend')],
)
log_processor = dict(type='LogProcessor', window_size=10, by_epoch=True)
