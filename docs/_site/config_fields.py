"""The fields of the base configs: their values, and what is said about them."""

import ast
import io
import re
import tokenize
from pathlib import Path

TITLES = {
    'models': 'Fields of models',
    'datasets': 'Fields of data sets',
    'schedules': 'Fields of schedules',
    'semi': 'Fields of methods',
    'tasks': 'Fields of tasks',
    'runtime': 'Fields of the runtime',
}
ROW = re.compile(r'^\|([^|]+)\|(?:.*\|)? *([^|]+?) *\|$', re.MULTILINE)
REFERENCE = re.compile(r"(?<!`)('\$\{[^}]*\}')")
WIDTH = 60  # characters of a value that are shown


def config_pages(root: Path) -> dict[str, str]:
    """Text of the page of each folder below ``configs/_base_``.

    Raises:
        KeyError: If a folder has no title here.
    """
    base, meanings = root / 'configs' / '_base_', said_on_pages(root)
    pages = {}
    for name in ['runtime', *sorted(p.name for p in base.iterdir() if p.is_dir())]:
        files = sorted((base if name == 'runtime' else base / name).glob('*.py'))
        parts = [f'# {TITLES[name]}\n']
        parts += [file_section(file, root, meanings) for file in files]
        pages[name] = '\n'.join(parts)
    return pages


def file_section(file: Path, root: Path, meanings: dict[str, str]) -> str:
    """Section of one base config: its docstring, and a table of its fields."""
    text, path = file.read_text(), file.relative_to(root)
    tree = ast.parse(text)
    comments = comments_by_line(text)
    rows = []
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            field = node.targets[0].id
            told = comment_of(node, comments) or meanings.get(field, '')
            told = REFERENCE.sub(r'`\1`', told)
            rows.append(f'| `{field}` | {value(node.value, text)} | {told} |')
    table = '| field | value | meaning |\n|---|---|---|\n' + '\n'.join(rows) + '\n'
    return (
        f'## {file.stem}\n\n[`{path}`](../../{path})\n\n'
        f'{(ast.get_docstring(tree) or "").replace("``", "`")}\n\n{table}'
    )


def value(node: ast.expr, text: str) -> str:
    """Code of a value; of a long one its type, and that there is more."""
    code = ast.get_source_segment(text, node)
    if len(code) > WIDTH or '\n' in code:
        kind = [k.value for k in getattr(node, 'keywords', []) if k.arg == 'type']
        shape = {ast.List: '[…]', ast.Dict: '{…}'}.get(type(node), 'dict(…)')
        code = f'dict(type={ast.unparse(kind[0])}, …)' if kind else shape
    return '`' + code.replace('|', '\\|') + '`'


def comments_by_line(text: str) -> dict[int, tuple[str, bool]]:
    """Comments by their line, and whether they have the line for themselves."""
    found = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            own = not token.line[: token.start[1]].strip()
            found[token.start[0]] = (token.string.lstrip('# '), own)
    return found


def comment_of(node: ast.Assign, comments: dict[int, tuple[str, bool]]) -> str:
    """Comment in the line of an assignment, else those right above it."""
    after = comments.get(node.lineno, ('', True))
    if not after[1]:
        return after[0]
    lines, line = [], node.lineno - 1
    while line in comments and comments[line][1]:
        lines.insert(0, comments[line][0])
        line -= 1
    return ' '.join(lines).replace('|', '\\|')


def said_on_pages(root: Path) -> dict[str, str]:
    """Meanings of variables in the tables of the documentation."""
    found = {}
    for page in sorted((root / 'docs').glob('**/*.md')):
        heading = re.split(r'^## Variables.*$', page.read_text(), flags=re.MULTILINE)
        for part in heading[1:]:
            for names, meaning in ROW.findall(part.partition('\n## ')[0]):
                name = re.fullmatch(r' *`(\w+)` *', names)  # of one variable alone
                if name:
                    found.setdefault(name[1], without_links(meaning))
    return found


def without_links(text: str) -> str:
    """Text of Markdown whose relative links would not fit another page."""
    return re.sub(r'\[([^\]]+)\]\([^)]*\)', r'\1', text).strip(' -')
