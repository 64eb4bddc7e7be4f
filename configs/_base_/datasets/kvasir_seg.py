"""Kvasir-SEG: 1000 endoscopic images with polyps (Jha et al., MMM 2020).

Its masks are JPEG; ``tools/dataset_converters/kvasir_seg.py`` makes PNG of them. The
size is the default of Semi-Seg. How many labels it hid is not published.
"""

_base_ = './listed_masks.py'

data_root = 'data/kvasir_seg'
labels = 0.2  # share of the training images, a number of them, or a label list
classes = dict(
    classes=('background', 'polyp'),
    codes=[[0], [255]],
    palette=[[0, 0, 0], [255, 90, 60]],
)
num_classes = 2
input_size = (640, 480)
