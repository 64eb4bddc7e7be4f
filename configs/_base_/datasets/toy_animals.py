"""Generated animals: ``python -m ssltoolbox.testing.toy_animals`` draws them."""

_base_ = './ap10k_semi.py'

data_root = 'data/toy_animals'
num_workers = 1
labels = '${data_root}/label_lists/5shot_seed0.json'
