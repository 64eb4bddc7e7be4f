"""Three light networks, without a download: FPENet, CGNet and LEDNet."""

_base_ = ['./fpenet.py', './cgnet.py', './lednet.py']

network_1 = '${fpenet}'
network_2 = '${cgnet}'
network_3 = '${lednet}'
