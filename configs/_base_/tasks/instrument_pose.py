"""Joints of generated instruments, with a small DAUNet."""

_base_ = ['../models/daunet_toy.py', '../datasets/toy_instruments.py']
