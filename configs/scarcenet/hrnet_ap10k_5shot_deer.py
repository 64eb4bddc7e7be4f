"""As hrnet_ap10k_5shot.py, measured only on images that show a deer."""

_base_ = './hrnet_ap10k_5shot.py'
evaluation_species = ['deer']
