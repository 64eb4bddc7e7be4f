"""The page of messages explains what the code raises, and nothing else."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / 'docs' / 'faq.md'
CODE = [
    *ROOT.glob('ssltoolbox/**/*.py'),
    *ROOT.glob('tools/**/*.py'),
    *ROOT.glob('docs/examples/*.py'),
]
ROW = re.compile(r'^\| (`.*?`) \| ', re.MULTILINE)
GAP, END = '…', '\0'
# Parts of a longer message, which is on the page.
PARTS = {'pickled_arrays.py': 'is refused, nothing of it was executed'}
FOREIGN = (
    'setup: ',  # of the shell script
    'CUDA out of memory',  # of torch
    'Failed to import custom modules',  # of mmengine
)


@cache
def explained() -> dict[str, re.Pattern]:
    """Messages of the page, ``…`` for what is put in, as patterns."""
    cells = ROW.findall(PAGE.read_text())
    messages = [m for cell in cells for m in re.findall(r'`([^`]+)`', cell)]
    return {message: form_of(message) for message in messages}


def form_of(message: str) -> re.Pattern:
    words = map(re.escape, message.strip(f'{GAP} ').split(GAP))
    return re.compile(f'[^{END}]*'.join(words))


@cache
def nodes() -> list[tuple[Path, ast.AST]]:
    """All of the code, with the file that each part is in."""
    return [(f, node) for f in CODE for node in ast.walk(ast.parse(f.read_text()))]


def text_of(node: ast.expr) -> str:
    """Text of an expression, ``…`` for what is known only when it runs."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r'\{\w*(:[^}]*)?\}', GAP, node.value)
    if isinstance(node, ast.JoinedStr):
        return ''.join(map(text_of, node.values))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return text_of(node.left) + text_of(node.right)
    return GAP


@cache
def raised() -> list[tuple[str, str]]:
    """File and message of everything that the code raises in words of its own."""
    found = []
    for file, node in nodes():
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            message = text_of(node.exc.args[0]) if node.exc.args else ''
            if re.search(r'[a-z]{2}', message):
                found.append((str(file.relative_to(ROOT)), message))
    return found


@cache
def all_texts() -> str:
    """All texts in the code, each followed by ``END``."""
    kinds = (ast.Constant, ast.JoinedStr, ast.BinOp)
    found = {text_of(node) for _, node in nodes() if isinstance(node, kinds)}
    return END.join(sorted(found - {GAP, ''}))


def test_every_message_that_is_raised_is_explained():
    missing = [
        f'{file}: {message}'
        for file, message in raised()
        if Path(file).name not in PARTS
        and not any(form.search(message) for form in explained().values())
    ]
    assert not missing, 'add rows to docs/faq.md for\n' + '\n'.join(missing)


def test_every_message_of_the_page_is_one_of_the_code():
    unknown = [
        message
        for message, form in explained().items()
        if not message.startswith(FOREIGN) and not form.search(all_texts())
    ]
    assert not unknown


def test_messages_made_of_parts_are_on_the_page():
    assert set(PARTS.values()) <= set(explained())
    assert {Path(file).name for file, _ in raised()} >= set(PARTS)


def test_patterns_say_enough_to_find_a_message_by():
    # without a word a pattern would match everything
    assert not [m for m in explained() if not re.search('[A-Za-z]{2,}', m)]


def test_code_raises_as_much_as_this_test_reads():
    assert len(raised()) > 600
