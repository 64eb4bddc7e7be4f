"""One network on hue, saturation and value."""

_base_ = './fcdensenet57_endoscopy_sfm.py'
colour_space = [dict(type='ssltoolbox.ToHSV')]
bgr_to_rgb = False
