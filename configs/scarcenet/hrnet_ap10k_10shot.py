"""ScarceNet, AP-10K split 1, 10 labelled images per species."""

_base_ = './hrnet_ap10k_5shot.py'
labels = 'ap10k_split1_10shot.json'
