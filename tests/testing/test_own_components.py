"""Every component that the registries know has the properties of its kind.

A new one is found by itself. Where it can be built, without arguments or as a toy
config does, it is checked here; else its own test file has to check it.
"""

import inspect

import pytest

from ssltoolbox.methods.base import Method
from ssltoolbox.registry import DATASETS, TASK_UTILS, TRANSFORMS
from ssltoolbox.tasks.base import Task
from ssltoolbox.testing import (
    check_filter,
    check_method,
    check_task_adapter,
    check_view_transform,
)

from .own_components import buildable, checked_nearby, registered, toy_models

METHODS = {
    name: kind
    for name, kind in registered(TASK_UTILS, 'methods').items()
    if issubclass(kind, Method)
}
TASKS = {
    name: kind
    for name, kind in registered(TASK_UTILS, 'tasks').items()
    if issubclass(kind, Task)
}
FILTERS = registered(TASK_UTILS, 'semi.filters')
VIEWS = {
    name: kind
    for name, kind in registered(TRANSFORMS, 'datasets.transforms').items()
    if 'input_size' in inspect.signature(kind).parameters
}
SOME = ('seg',)
"""Tasks on which a method that runs on any is tried; adapters are tried alone."""
OF_THE_DATA = ('checkpoint', 'network', 'backbone_init', 'supervised_joints')
"""Fields of methods and teachers that fit only the network and data of their config."""
NEEDED = 'it needs arguments: call check_{} of ssltoolbox.testing in its own test file'


def pairs():
    """Each method with the tasks that it is tried on."""
    return [
        (name, task) for name, kind in METHODS.items() for task in (kind.tasks or SOME)
    ]


@pytest.mark.parametrize('name, task', pairs())
def test_methods(name, task):
    model = toy_models().get(name, {})
    if not model and not buildable(METHODS[name], TASK_UTILS):
        assert checked_nearby(METHODS[name], 'check_method'), NEEDED.format('method')
        return
    check_method(
        plain(model.get('method', dict(type=METHODS[name]))),
        task,
        plain(model.get('teacher')),
    )


def plain(config):
    """The fields that fit a tiny network too, None where there are none."""
    fields = {k: v for k, v in (config or {}).items() if k not in OF_THE_DATA}
    return fields or None


@pytest.mark.parametrize('name', FILTERS)
def test_filters(name):
    if buildable(FILTERS[name], TASK_UTILS):
        check_filter(dict(type=FILTERS[name]))
    else:
        assert checked_nearby(FILTERS[name], 'check_filter'), NEEDED.format('filter')


@pytest.mark.parametrize('name', VIEWS)
def test_views(name):
    if buildable(VIEWS[name], TRANSFORMS, input_size=(48, 40)):
        check_view_transform(dict(type=VIEWS[name], input_size=(48, 40)))
    else:
        assert checked_nearby(VIEWS[name], 'check_view_transform'), NEEDED.format(
            'view_transform'
        )


@pytest.mark.parametrize('name', TASKS)
def test_tasks(name):
    check_task_adapter(TASKS[name].name)


@pytest.mark.parametrize('name', registered(DATASETS, 'datasets'))
def test_data_sets(name):
    kind = DATASETS.module_dict[name]
    assert checked_nearby(kind, 'check_dataset'), NEEDED.format('dataset')
