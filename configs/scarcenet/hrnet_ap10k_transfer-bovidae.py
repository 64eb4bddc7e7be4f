"""ScarceNet, AP-10K split 1, from one family to all: only Bovidae are labelled.

The list names all 755 train images that show one; every other train image, of whatever
species, is unlabelled.
"""

_base_ = './hrnet_ap10k_5shot.py'
labels = 'ap10k_split1_bovidae.json'
