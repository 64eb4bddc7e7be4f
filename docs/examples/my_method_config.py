"""Generated polyps, taught by a teacher that is silent where it does not know."""

_base_ = '../../configs/semiseg/fpenet_toypolyps_mean-teacher.py'

custom_imports = dict(imports=['my_method'])
train_view = ['${random_view}']  # distortions cannot be undone between views
branches = dict(weak=['${plain_view}', '${pack}'])
method = dict(
    _delete_=True,
    type='ssltoolbox.SureTeacher',
    min_score=0.8,
    consistency=dict(type='ssltoolbox.SigmoidRamp', end=1.0, length=100, by='iter'),
)
teacher = dict(mode='eval', decay=0.99)
