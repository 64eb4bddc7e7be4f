"""The data of ``endoscopy_sfm.py`` as the three-stage program takes them.

All points count in all frames, but those found in few frames count less. What networks
are measured at stays that of the other program.
"""

_base_ = './endoscopy_sfm.py'

adjacent = (10, 20)
sfm_settings = dict(inlier_share=0.995, visibility_window=None, scale='travel')
eval_settings = dict(
    _delete_=True,
    downsampling=4.0,
    multiple=64,
    inlier_share=0.99,
    visibility_window=30,
)
load_frame = dict(track_constant=5.0, max_flow=1.0)
