"""Scalars become small pictures."""

from ssltoolbox.apis.run_report.curves import (
    MOST,
    metric_groups,
    places,
    stage_curves,
    thin,
)
from ssltoolbox.apis.run_report.run import read_run

NAN = float('nan')


def test_networks_share_a_picture_and_sections_have_an_order(make_stage, write_scalars):
    folder = make_stage('semi')
    write_scalars(
        folder,
        {'loss': 2.0, 'pseudo/kept_share': 0.8, 'ramp/consistency': 0.5, 'iter': 5},
        {'loss': NAN, 'lr': 0.1, 'ramp/kept': 1.0, 'iter': 10, 'step': 10},
        {'student/coco/AP': 0.25, 'teacher/coco/AP': 0.5, 'step': 1},
    )
    panels = stage_curves(read_run(folder.parent).stages[0])
    assert [(each['section'], each['title']) for each in panels] == [
        ('validation', 'coco/AP'),
        ('pseudo labels', 'share'),
        ('ramps', 'loss weights'),
        ('ramps', 'share to keep'),
        ('losses', 'loss'),
        ('other', 'lr'),
    ]
    student, teacher = panels[0]['curves']
    assert student == dict(name='student', x=[10], y=[0.25])
    assert teacher == dict(name='teacher', x=[10], y=[0.5])
    assert panels[1]['curves'][0]['name'] == 'kept'
    assert panels[4]['curves'][0]['y'] == [2.0, None]


def test_a_stage_without_logs_has_no_curves(make_stage):
    assert stage_curves(read_run(make_stage('annotate').parent).stages[0]) == []


def test_long_curves_are_means_of_equal_parts():
    x, y = thin([(i, float(i)) for i in range(2 * MOST)])
    assert len(x) == MOST and x[:2] == [1, 3] and y[:2] == [0.5, 2.5]


def test_classes_join_the_metric_of_all():
    found = places(['seg/Dice', 'seg/Dice_cat', 'seg/IoU'])
    assert found['seg/Dice'][1:] == ('seg/Dice', 'all')
    assert found['seg/Dice_cat'][1:] == ('seg/Dice', 'cat')
    assert found['seg/IoU'][1:] == ('seg/IoU', 'seg/IoU')
    two = places(['student/seg/Dice', 'student/seg/Dice_cat'])
    assert two['student/seg/Dice_cat'][1:] == ('seg/Dice_cat', 'student')
    groups = metric_groups({'seg/Dice': 0.5, 'seg/Dice_cat': 0.25})
    assert groups == [dict(title='seg/Dice', values={'all': 0.5, 'cat': 0.25})]
