"""Shaft and tip of generated instruments, pixel by pixel, with a small DAUNet."""

_base_ = ['../models/daunet_seg_toy.py', '../datasets/toy_instrument_masks.py']
