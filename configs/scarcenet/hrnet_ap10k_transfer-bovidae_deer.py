"""As hrnet_ap10k_transfer-bovidae.py, measured only on images that show a deer."""

_base_ = './hrnet_ap10k_transfer-bovidae.py'
evaluation_species = ['deer']
