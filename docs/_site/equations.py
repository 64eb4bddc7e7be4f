"""Equations as MathML, which browsers draw by themselves, without a network."""

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator


def inline(writer: HTML5Translator, node: nodes.math) -> None:
    """Write an equation that is part of a sentence."""
    writer.body.append(convert(node.astext()))
    raise nodes.SkipNode


def display(writer: HTML5Translator, node: nodes.math_block) -> None:
    """Write an equation that has a line of its own."""
    equation = convert(node.astext(), display='block')
    writer.body.append(f'<div class="equation">{equation}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict:
    """Name the two functions to Sphinx."""
    app.add_html_math_renderer('mathml', (inline, None), (display, None))
    app.config.html_math_renderer = 'mathml'
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
