"""The documentation quotes code, names files and gives commands that exist."""

import ast
import contextlib
import functools
import importlib.util
import io
import re
import shlex
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / 'README.md',
    ROOT / 'CONTRIBUTING.md',
    ROOT / 'CHANGELOG.md',
    *sorted(ROOT.glob('docs/**/*.md')),
    *sorted(ROOT.glob('configs/*/README.md')),
]
FENCE = re.compile(r'^( *)```(\w*)\n(.*?)^ *```', re.MULTILINE | re.DOTALL)
LINK = re.compile(r'!?\[[^\]]*\]\(([^)\s]+)\)')
NAMED = re.compile(r'(?<![\w./-])((?:configs|tools|ssltoolbox|docs)/[\w./-]*\w/?)')
COMMAND = re.compile(r'python (tools/[\w/]+\.py)([^`|#\n]*)')

pages = pytest.mark.parametrize(
    'page', PAGES, ids=lambda page: str(page.relative_to(ROOT))
)


def blocks(page: Path, language: str) -> list[str]:
    found = FENCE.findall(page.read_text())
    return [dedent(text) for _, kind, text in found if kind == language]


def plain_text(page: Path) -> str:
    """Text without HTML comments, with the lines of a long command joined."""
    text = re.sub(r'<!--.*?-->', '', page.read_text(), flags=re.DOTALL)
    return re.sub(r'\\\n\s*', ' ', text)


@pages
def test_quoted_lines_are_in_the_file(page):
    for block in blocks(page, 'python'):
        first, _, quoted = block.partition('\n')
        if first.startswith('# from '):
            source = ROOT / first.removeprefix('# from ')
            same = flat(quoted) in flat(source.read_text())
            assert same, f'{source} has changed:\n{quoted}'


def flat(text: str) -> str:
    """Text without indentation, which a page leaves out."""
    return '\n'.join(line.strip() for line in text.strip().splitlines())


@pages
def test_python_blocks_can_be_parsed(page):
    for block in blocks(page, 'python'):
        if not block.startswith('# from '):
            ast.parse(block)


@pages
def test_named_paths_exist(page):
    text = plain_text(page)
    absent = {name for name in NAMED.findall(text) if not exists(name)}
    assert not absent


def exists(name: str) -> bool:
    # a page may tell the reader to make files in these places
    own = ('configs/my', 'ssltoolbox/methods/my_', 'docs/images/')
    return name.startswith(own) or (ROOT / name).exists()


@pages
def test_links_resolve(page):
    for target in LINK.findall(plain_text(page)):
        if '://' in target:
            continue
        name, _, anchor = target.partition('#')
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), f'{target}: no such file'
        if anchor and file.suffix == '.md':
            assert anchor in anchors(file), f'{target}: no such heading'


def anchors(page: Path) -> set[str]:
    """Anchors that a forge makes of the headings."""
    text = FENCE.sub('', page.read_text())
    heads = re.findall(r'^#+ (.*)$', text, re.MULTILINE)
    plain = (re.sub(r'[^\w\- ]', '', head.lower()) for head in heads)
    return {head.strip().replace(' ', '-') for head in plain}


def commands() -> list[tuple[str, str, str]]:
    found = {
        (str(page.relative_to(ROOT)), *match)
        for page in PAGES
        for match in COMMAND.findall(plain_text(page))
    }
    return sorted(found)


@functools.cache
def known_flags(tool: str) -> set[str]:
    """Flags in the help of a tool."""
    spec = importlib.util.spec_from_file_location(Path(tool).stem, ROOT / tool)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.suppress(SystemExit):
        module.main(['--help'])
    return set(re.findall(r'--[\w-]+', text.getvalue()))


@pytest.mark.parametrize('tool', sorted({tool for _, tool, _ in commands()}))
def test_flags_of_commands_exist(tool):
    used = {
        (page, word)
        for page, other, arguments in commands()
        for word in shlex.split(arguments)
        if other == tool and word.startswith('--')
    }
    unknown = {(page, word) for page, word in used if word not in known_flags(tool)}
    assert not unknown
