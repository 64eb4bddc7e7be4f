"""What the site makes of the pages that the repository shows as they are."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytest.importorskip('sphinx', reason='the site needs requirements/docs.txt')
pytest.importorskip('latex2mathml', reason='the site needs requirements/docs.txt')


@pytest.fixture(autouse=True)
def site(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / 'docs' / '_site')
    yield
    for name in ('sources', 'config_fields', 'equations', 'tool_help'):
        sys.modules.pop(name, None)


@pytest.fixture
def repository(tmp_path):
    (tmp_path / 'docs').mkdir()
    (tmp_path / 'code.py').write_text('def f(x):\n    y = 2 * x\n    return y\n')
    (tmp_path / 'page.md').write_text('# Page\n')
    return tmp_path


def test_a_quotation_becomes_the_lines_of_the_file(repository):
    from sources import included

    block = '```python\n# from code.py\ny = 2 * x\nreturn y\n```'
    made = included(repository, 'docs/a', block)
    assert made.startswith('```{literalinclude} /code.py\n')
    assert ':lines: 2-3\n' in made
    assert 'source:code.py#L-2' in made


def test_a_quotation_of_other_lines_is_left_and_warned_of(repository):
    from sources import included, place

    block = '```python\n# from code.py\ny = 3 * x\n```'
    assert included(repository, 'docs/a', block) == block
    assert place('y = 3 * x', 'y = 2 * x') is None


def test_code_that_is_no_quotation_stays(repository):
    from sources import included

    assert included(repository, 'docs/a', '```bash\nls\n```') == '```bash\nls\n```'


@pytest.mark.parametrize(
    'text, wanted',
    [
        ('[f](../code.py)', '[f](source:code.py)'),
        ('[f](../code.py#L-2)', '[f](source:code.py#L-2)'),
        ('[d](../docs)', '[d](source:docs)'),
        ('[p](../page.md)', '[p](../page.md)'),
        ('[a](../absent.py)', '[a](../absent.py)'),
        ('![i](../code.py)', '![i](../code.py)'),
        ('[w](https://example.org)', '[w](https://example.org)'),
    ],
)
def test_links_to_files_lead_to_their_pages(repository, text, wanted):
    from sources import linked

    assert linked(repository, 'docs/a', text) == wanted


def test_fields_have_the_comment_beside_or_above_them():
    from config_fields import comment_of, comments_by_line

    text = '# of both\n# lines\na = 1\nb = 2  # beside\nc = 3\n'
    comments = comments_by_line(text)
    found = [comment_of(node, comments) for node in ast.parse(text).body]
    assert found == ['of both lines', 'beside', '']


@pytest.mark.parametrize(
    'code, shown',
    [
        ("'a'", "`'a'`"),
        (f"dict(type='T', a='{'x' * 60}')", "`dict(type='T', …)`"),
        (f"dict(a='{'x' * 60}')", '`dict(…)`'),
        (f"['{'x' * 60}']", '`[…]`'),
    ],
)
def test_a_long_value_is_shortened_to_its_type(code, shown):
    from config_fields import value

    assert value(ast.parse(code, mode='eval').body, code) == shown


def test_every_base_config_is_on_a_page():
    from config_fields import config_pages

    text = '\n'.join(config_pages(ROOT).values())
    for file in ROOT.glob('configs/_base_/**/*.py'):
        assert f'](../../{file.relative_to(ROOT)})' in text
    assert '| `drop_share` | `0.4` | share of the pseudo labels' in text


def test_help_is_that_of_the_program_and_argv_is_put_back():
    from tool_help import help_text

    before = list(sys.argv)
    text = help_text(ROOT / 'tools' / 'print_config.py')
    assert text.startswith('usage: print_config.py')
    assert '--stage' in text
    assert sys.argv == before


def test_citation_names_the_version():
    scope = {}
    exec((ROOT / 'ssltoolbox' / 'version.py').read_text(), scope)
    assert f'\nversion: {scope["__version__"]}\n' in (ROOT / 'CITATION.cff').read_text()


def test_root_of_the_site_leads_to_its_first_page():
    page = (ROOT / 'docs' / '_site' / 'root' / 'index.html').read_text()
    conf = (ROOT / 'docs' / 'conf.py').read_text()
    assert "root_doc = 'docs/index'" in conf
    assert 'url=docs/index.html' in page
