"""Writes the pages of the reference before Sphinx looks for pages.

One page for each folder of components, of which the docstrings tell everything; one
for each folder of base configs; and one of the command-line programs.
"""

import inspect
from collections import defaultdict
from importlib import import_module
from pathlib import Path

from config_fields import config_pages
from mmengine.registry import Registry
from sphinx.application import Sphinx
from tool_help import tool_page

from ssltoolbox import registry

FOLDER = 'build/reference'
TITLES = {
    'methods': 'Methods',
    'tasks': 'Tasks',
    'semi': 'Model, teachers, ramps and filters',
    'jobs': 'Jobs of stages',
    'augment': 'Hard views',
    'models': 'Networks',
    'losses': 'Losses',
    'codecs': 'Codecs',
    'datasets': 'Data sets and samplers',
    'transforms': 'Transforms',
    'engine': 'Runner, hooks, loops and schedules',
    'evaluation': 'Metrics',
    'visualization': 'Pictures',
}


def components() -> dict[str, dict[type, tuple[str, list[str]]]]:
    """Registered classes by folder, with their registry and all of their names.

    Raises:
        KeyError: If a folder of components has no title here.
    """
    found: dict[str, dict] = defaultdict(dict)
    registries = {n: r for n, r in vars(registry).items() if isinstance(r, Registry)}
    for name in [name for name in registries if not name.startswith('_')]:
        registries[name].import_from_location()
    registry.prepare_segmentation()
    for module in registry._SEGMENTATION.values():
        import_module(module)
    for name, one in registries.items():
        if one.scope != 'ssltoolbox':
            continue
        for key, kind in one.module_dict.items():
            if not kind.__module__.startswith('ssltoolbox.'):
                continue  # of a plugin, or of a test
            parts = kind.__module__.split('.')[1:]
            folder = 'transforms' if 'transforms' in parts else parts[0]
            found[folder].setdefault(kind, (name, []))[1].append(key)
    return found


def component_page(folder: str, kinds: dict[type, tuple[str, list[str]]]) -> str:
    """Text of the page of a folder: a table, then one section for each class."""
    ordered = sorted(kinds, key=lambda kind: kind.__name__.lower())
    rows, sections = [], []
    for kind in ordered:
        name, keys = kinds[kind]
        line = (inspect.getdoc(kind) or '').partition('\n')[0]
        anchor = kind.__name__.lower()
        rows.append(f'| [`{keys[0]}`](#{anchor}) | `{name}` | {escaped(line)} |')
        sections.append(section(kind, keys))
    head = f'# {TITLES[folder]}\n\n| `ssltoolbox.…` | registry | |\n|---|---|---|\n'
    return head + '\n'.join(rows) + '\n\n' + '\n'.join(sections)


def section(kind: type, keys: list[str]) -> str:
    """Heading, names, source and docstring of a class."""
    path = kind.__module__.replace('.', '/') + '.py'
    line = inspect.getsourcelines(kind)[1]
    names = ', '.join(f'`ssltoolbox.{key}`' for key in keys)
    directive = 'autoclass' if inspect.isclass(kind) else 'autofunction'
    return (
        f'## {kind.__name__}\n\n{names} in [`{path}`](../../{path}#L-{line})\n\n'
        f'```{{eval-rst}}\n.. {directive}:: {kind.__module__}.{kind.__name__}\n```\n'
    )


def escaped(line: str) -> str:
    """Text of a docstring as a cell of a table in Markdown."""
    return line.replace('``', '`').replace('|', '\\|')


def write(app: Sphinx) -> None:
    """Write all pages; those whose text is the same are left as they are."""
    root = Path(app.srcdir)
    pages = {
        f'types_{folder}': component_page(folder, kinds)
        for folder, kinds in components().items()
    }
    pages |= {f'fields_{name}': text for name, text in config_pages(root).items()}
    pages['tools'] = tool_page(root)
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob('*.md'):
        if file.stem not in pages:
            file.unlink()
    for name, text in pages.items():
        file = folder / f'{name}.md'
        if not file.exists() or file.read_text() != text:
            file.write_text(text)


def setup(app: Sphinx) -> dict:
    """Let the pages be there before Sphinx looks for them."""
    app.connect('builder-inited', write)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
