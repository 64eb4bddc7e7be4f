"""Links to files of the repository lead to pages, and quoted lines are included.

A page quotes code as a block whose first line is ``# from <path>``, and links to files
by their paths, so that it reads as well where the repository itself is looked at. Here
the block becomes a ``literalinclude`` of those lines, with the numbers they have, and
a file or folder that is linked to gets a page of its own.
"""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import dirname, join, normpath

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.logging import getLogger

FENCE = re.compile(r'^( *)```.*?^ *```', re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r'^```python\n# from (\S+)\n(.*?)^```', re.MULTILINE | re.DOTALL)
LINK = re.compile(r'(?<!!)(\[[^\]]*\]\()([^)\s#:]+)(#[^)\s]*)?\)')
SCHEME = 'source:'
logger = getLogger(__name__)


def rewrite(app: Sphinx, docname: str, source: list[str]) -> None:
    """Turn quotations and links of one page into what Sphinx understands."""
    root, text, done = Path(app.srcdir), source[0], 0
    parts = []
    for fence in FENCE.finditer(text):
        parts.append(linked(root, docname, text[done : fence.start()]))
        parts.append(included(root, docname, fence.group()))
        done = fence.end()
    source[0] = ''.join([*parts, linked(root, docname, text[done:])])


def linked(root: Path, docname: str, text: str) -> str:
    """Name the files that are no pages by :data:`SCHEME`."""

    def change(found: re.Match) -> str:
        label, target, anchor = found.groups()
        path = normpath(join(dirname(docname), target))
        if path.endswith('.md') or not (root / path).exists():
            return found.group()  # a page, or a wrong link, of which Sphinx will warn
        return f'{label}{SCHEME}{path}{anchor or ""})'

    return LINK.sub(change, text)


def included(root: Path, docname: str, block: str) -> str:
    """Replace a quotation by the lines of the file that it quotes."""
    found = QUOTED.fullmatch(block)
    if not found:
        return block
    path, quoted = found.groups()
    lines = place(quoted, (root / path).read_text())
    if lines is None:
        logger.warning('%s has other lines than the page', path, location=docname)
        return block
    first, last = lines
    where = f'{path}, lines {first} to {last}' if last > first else f'{path}, {first}'
    return (
        f'```{{literalinclude}} /{path}\n:language: python\n:lines: {first}-{last}\n'
        ':lineno-match:\n:dedent:\n'
        f':caption: "[`{where}`]({SCHEME}{path}#L-{first})"\n```'
    )


def place(quoted: str, text: str) -> tuple[int, int] | None:
    """Numbers of the first and the last line in a text, whatever the indentation."""
    wanted = [line.strip() for line in quoted.strip().splitlines()]
    lines = [line.strip() for line in text.splitlines()]
    for start in range(len(lines) - len(wanted) + 1):
        if lines[start : start + len(wanted)] == wanted:
            return start + 1, start + len(wanted)
    return None


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Let the links lead to the pages of the files, and note which are needed."""
    for node in doctree.findall(nodes.reference):
        path, _, anchor = node.get('refuri', '').removeprefix(SCHEME).partition('#')
        if node.get('refuri', '').startswith(SCHEME):
            wanted_pages(app).add(path)
            uri = app.builder.get_relative_uri(docname, page_name(path))
            node['refuri'] = f'{uri}#{anchor}' if anchor else uri


def wanted_pages(app: Sphinx) -> set[str]:
    """Paths that the pages link to."""
    if not hasattr(app, 'linked_sources'):
        app.linked_sources = set()
    return app.linked_sources


def page_name(path: str) -> str:
    """Name of the page of a file or folder."""
    return f'source/{path}'


def pages(app: Sphinx) -> Iterator[tuple[str, dict, str]]:
    """Write the pages of the files and folders, those in linked folders too."""
    open_paths, done = sorted(wanted_pages(app)), set()
    while open_paths:
        path = open_paths.pop()
        if path in done:
            continue
        done.add(path)
        file = Path(app.srcdir, path)
        inside = members(file) if file.is_dir() else []
        open_paths += [f'{path}/{name}' for name in inside]
        body = listing(app, path, inside) if inside else highlighted(app, file)
        title = f'<h1>{html.escape(path)}</h1>'
        yield page_name(path), {'title': path, 'body': title + body}, 'page.html'


def members(folder: Path) -> list[str]:
    """Names in a folder that belong to the repository."""
    names = sorted(path.name for path in folder.iterdir())
    return [name for name in names if not name.startswith(('.', '__pycache__'))]


def listing(app: Sphinx, path: str, inside: list[str]) -> str:
    """List a folder's entries as links."""
    items = []
    for name in inside:
        there = page_name(f'{path}/{name}')
        uri = app.builder.get_relative_uri(page_name(path), there)
        items.append(f'<li><a href="{uri}">{html.escape(name)}</a></li>')
    return f'<ul>{"".join(items)}</ul>'


def highlighted(app: Sphinx, file: Path) -> str:
    """Show a file with numbered lines, each of which has the anchor ``L-<number>``."""
    language = {'.py': 'python', '.sh': 'bash'}.get(file.suffix, 'text')
    return app.builder.highlighter.highlight_block(
        file.read_text(), language, linenos='inline', lineanchors='L'
    )


def setup(app: Sphinx) -> dict:
    """Connect the steps to those of Sphinx."""
    app.config.myst_url_schemes = {
        'http': None, 'https': None, 'mailto': None, SCHEME.rstrip(':'): None
    }  # fmt: skip
    app.connect('source-read', rewrite)
    app.connect('doctree-resolved', resolve)
    app.connect('html-collect-pages', pages)
    return {'parallel_read_safe': True, 'parallel_write_safe': False}
