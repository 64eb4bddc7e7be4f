"""Virtual adversarial training: the output shall not change in the worst direction."""

_base_ = './consistency.py'

method = dict(type='ssltoolbox.VAT')
stages = [dict(name='semi', cfg='${semi_stage}')]
