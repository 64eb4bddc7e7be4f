"""Generated scenes: ``python -m ssltoolbox.testing.toy_instruments`` draws them.

In the layout of EndoVis'15, at a quarter of its size, so that thresholds are a quarter
too; with validation videos. Test videos 1 to 4 show instruments like those of the
training, 5 and 6 others.
"""

_base_ = './endovis.py'

data_root = 'data/toy_instruments'
labels = '${data_root}/label_lists/16images_seed0.json'
accept = [[55, 95], [125, 180]]
num_workers = 1

train_set = dict(image_size=(180, 144))
val_set = dict(
    _delete_=True,
    type='ssltoolbox.EndoVisDataset',
    data_root='${data_root}',
    sequences=['val1', 'val2'],
    image_size=(180, 144),
    test_mode=True,
    pipeline='${eval_pipeline}',
)
test_set = dict(image_size=(180, 144))
instrument_metric = dict(thresholds=[5, 2.5, 10])
train_view = [
    dict(
        type='ssltoolbox.RandomImageView',
        input_size='${codec.input_size}',
        hflip_prob=0.5,
        vflip_prob=0.5,
        translation=4,
        rotation=20,
        scale=0.15,
        exchange_sides=True,
    )
]
select = '${metric}'
