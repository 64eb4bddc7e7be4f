"""The three stages on hue, saturation and value, as in the published commands."""

_base_ = './fcdensenet57_endoscopy_teacher-student.py'
colour_space = [dict(type='ssltoolbox.ToHSV')]
bgr_to_rgb = False
