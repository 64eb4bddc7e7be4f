"""Generated polyps: ``python -m ssltoolbox.testing.toy_polyps`` draws them.

10 of 240 training images are labelled; the pool is the others, whose masks are hidden.
No patient is in two splits. The images of ``unlabeled_images``, further patients, are
left to tools/distill.py.
"""

_base_ = './split_folders.py'

data_root = 'data/toy_polyps'
labels = '${data_root}/label_lists/10images_seed0.json'
num_workers = 1

classes = dict(
    classes=('background', 'polyp'),
    codes=[[0], [255]],
    palette=[[0, 0, 0], [60, 200, 255]],  # no colour of mucosa
)
num_classes = 2
input_size = (96, 96)
