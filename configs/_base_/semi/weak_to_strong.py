"""Weak-to-strong consistency: sure pixels of a weak view teach three harder ones.

Both strong views have the geometry of the weak one, and colours of their own. Only
unlabelled images have them: a labelled one is seen once, as in a supervised training.
Expects what consistency.py does, of a segmentation.
"""

_base_ = './consistency.py'

method = dict(type='ssltoolbox.WeakToStrong', threshold=0.95)
strong_colour = dict(type='ssltoolbox.StrongColour')
# hidden masks of unlabelled images, if there are any, measure the pseudo labels; costs
# the reading of a file per image: hidden_mask = []
hidden_mask = [dict(type='ssltoolbox.LoadHiddenMask')]
branches = dict(
    _delete_=True,
    type='ssltoolbox.Branches',
    weak=['${pack}'],
    strong=['${strong_colour}', '${pack}'],
    strong2=['${strong_colour}', '${pack}'],
)
labelled_branch = dict(type='ssltoolbox.Branches', sup=['${pack}'])
semi_pipeline = dict(
    _delete_=True,
    labelled=['*${load}', '*${train_view}', '${labelled_branch}'],
    unlabelled=['*${load}', '*${hidden_mask}', '*${train_view}', '${branches}'],
)
stages = [dict(name='semi', cfg='${semi_stage}')]
