"""Slices of computed tomography with the parts of the lung that COVID-19 infected.

Written by ``tools/dataset_converters/covid_ct.py``. Semi-Seg names 2724 slices and no
size for them; slices are square.
"""

_base_ = './listed_masks.py'

data_root = 'data/covid_ct'
labels = 0.2  # share of the training images, a number of them, or a label list
classes = dict(
    classes=('background', 'infection'),
    codes=[[0], [255]],
    palette=[[0, 0, 0], [255, 90, 60]],
)
num_classes = 2
input_size = (512, 512)
