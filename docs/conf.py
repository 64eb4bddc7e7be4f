"""The documentation as a site: ``make docs``. Pages stay plain Markdown."""

import logging
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'docs' / '_site')]

project = 'ssltoolbox'
author = 'the authors of ssltoolbox'
extensions = [
    'myst_parser',
    'sphinx.ext.autodoc',
    'sphinx.ext.napoleon',
    'equations',
    'reference',
    'sources',
]

# Pages lie all over the repository, and link to each other as its own view shows them.
root_doc = 'docs/index'
include_patterns = [
    'README.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'configs/*/README.md',
    'docs/**.md',
    'build/reference/*.md',
]
exclude_patterns = ['.*', 'build/docs', 'data', 'models', 'demo_output', 'work_dirs']

myst_enable_extensions = ['dollarmath']
myst_heading_anchors = 4

autodoc_typehints = 'description'
autodoc_typehints_description_target = 'documented'
napoleon_custom_sections = [('Shapes', 'params_style')]

html_theme = 'furo'
html_title = 'ssltoolbox'
html_static_path = ['_site/static']
html_css_files = ['tables.css']
html_extra_path = ['_site/root']  # leads from the root of the site to its first page
html_show_copyright = False
html_copy_source = False


def setup(app) -> None:
    """Let a page stand in the list of pages before it is written."""
    # Sphinx gives this warning no type by which it could be suppressed.
    logging.getLogger('sphinx.sphinx.directives.other').addFilter(
        lambda record: getattr(record, 'subtype', '') != 'empty_glob'
    )
