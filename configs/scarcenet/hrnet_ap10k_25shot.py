"""ScarceNet, AP-10K split 1, 25 labelled images per species."""

_base_ = './hrnet_ap10k_5shot.py'
labels = 'ap10k_split1_25shot.json'
