"""Generated polyps, taught by a mean teacher that sees the whole of a part."""

_base_ = '../../configs/semiseg/fpenet_toypolyps_mean-teacher.py'

custom_imports = dict(imports=['my_view'])
zoomed = dict(type='ssltoolbox.ZoomView', input_size='${input_size}', max_zoom=2.0)
branches = dict(strong=['${zoomed}', '${pack}'], weak=['${plain_view}', '${pack}'])
method = dict(teacher_view='weak')
