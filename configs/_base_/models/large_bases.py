"""Three large networks that teach a light one: DeepLabV3+, HRNet-W48 and MANet."""

_base_ = ['./deeplabv3plus.py', './hrnet_w48.py', './manet.py', './imagenet.py']

network_1 = '${deeplabv3plus}'
network_2 = '${hrnet_w48}'
network_3 = '${manet}'
