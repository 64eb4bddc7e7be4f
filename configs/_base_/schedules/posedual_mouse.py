"""PoseDual on the mouse: some 800 iterations, on two CPU cores."""

_base_ = './posedual_toy.py'

epochs = 80
milestones = [60, 72]
val_interval = 10
