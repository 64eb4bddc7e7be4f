"""Pseudo labels: train on labels, label the other images, train anew on both.

A label counts if its total variation lies in one of the ``accept`` intervals of the
data set; ``tools/calibrate_filter.py`` finds those of a network on labelled images.
"""

_base_ = './consistency.py'

label_filter = dict(
    type='ssltoolbox.TotalVariationFilter',
    channels='${joint_channels}',
    intervals='${accept}',
)
method = dict(type='ssltoolbox.PseudoLabelling')
semi_pipeline = ['*${load}', dict(type='ssltoolbox.LoadPseudoMap'), '${branches}']
semi_sources = dict(unlabelled='${pseudo_labelled}')
pseudo_labelled = dict(
    type='ssltoolbox.FewShotImageDataset',
    dataset='${train_set}',
    labels='${labels}',
    part='unlabelled',
    pseudo_labels='${pseudo_label.store}',
    forbidden='${evaluation_sets}',
)
pseudo_label_job = dict(
    type='ssltoolbox.MapPseudoLabelJob',
    network='${student}',
    task='${task}',
    checkpoint='${supervised.best}',
    dataset=dict(
        type='ssltoolbox.MultiSourceDataset',
        sources=dict(unlabelled='${unlabelled}'),
        pipeline=['*${load}', '${plain_view}', '${pack}'],
    ),
    filter='${label_filter}',
    batch_size=8,
    num_workers='${num_workers}',
)
stages = [
    dict(name='supervised', cfg='${supervised_stage}'),
    dict(name='pseudo_label', job='${pseudo_label_job}'),
    dict(name='semi', cfg='${semi_stage}'),
]
