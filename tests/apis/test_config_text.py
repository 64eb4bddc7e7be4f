import pytest
from mmengine.config import Config

from ssltoolbox.apis.config_text import parse_config_text


def test_what_mmengine_writes_is_read_back():
    content = dict(
        a=[1, -2.5, None, True],
        b=dict(c=('x', "it's"), d={}),
        e={'teacher/AP': 1, 'f': {'a.b': dict(c=2)}},
        f=[],
    )
    text = Config(content).pretty_text
    assert parse_config_text(text, 'net.pth')._cfg_dict.to_dict() == content


@pytest.mark.parametrize(
    'text',
    [
        'import os',
        'a = open("/etc/passwd")',
        'a = dict([("b", 1)])',
        'a = b',
        'a = [x for x in (1,)]',
        'a.b = 1',
        'a = 1 +',
        'a = "x".upper()',
        'a = dict(**{"b": 1})',
        'a = dict({"b": 1}, c=1)',
        'a = dict(**{"b": 1}, c=__import__("os"))',
    ],
)
def test_anything_that_could_run_is_refused(text):
    with pytest.raises(ValueError, match='net.pth cannot be read as plain values'):
        parse_config_text(text, 'net.pth')
