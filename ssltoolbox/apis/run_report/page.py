"""Write the page: one file with its style, its program, data and pictures in it."""

import base64
import hashlib
import html
import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from ssltoolbox.apis.run_report.gallery import Gallery
from ssltoolbox.utils.atomic import atomic_path

CHUNK = 200
"""Pictures in one block of the page, which the browser takes apart when one is seen."""
STYLES = ('style', 'curves', 'gallery', 'dialog')
SCRIPTS = (*('dom', 'curves', 'data', 'cards', 'gallery', 'worst', 'overview', 'main'),)


def write_page(
    path: str | Path, report: Mapping[str, Any], galleries: Sequence[Gallery]
) -> None:
    """Write the page, whole or not at all.

    Nothing of a run is put in as HTML: texts travel as JSON, and the program makes
    text nodes of them. The policy in the page lets only that program run, by its hash,
    and allows no connection.

    Args:
        path: The file.
        report: What the program shows, plain values.
        galleries: Those of ``report``, for their pictures.
    """
    style = ''.join(_asset(f'{name}.css') for name in STYLES)
    parts = ''.join(_asset(f'{name}.js') for name in SCRIPTS)
    parts = Template(parts.replace('${', '$${')).substitute(chunk=CHUNK)
    script = f"(() => {{\n'use strict';\n{parts}}})();\n"
    page = Template(_asset('page.html')).substitute(
        title=html.escape(f'{report["name"]}: report'),
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        data=_inert(report),
    )
    with atomic_path(path) as temporary, open(temporary, 'w', encoding='utf-8') as out:
        out.write(page)
        for number, gallery in enumerate(galleries):
            out.writelines(_blocks(number, gallery))
        out.write('</body>\n</html>\n')


def _asset(name: str) -> str:
    return files(__package__).joinpath('assets', name).read_text('utf-8')


def _hash(text: str) -> str:
    """Name a script or style in a content security policy."""
    return 'sha256-' + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _inert(data: Any) -> str:
    """JSON that cannot end the element it stands in."""
    text = json.dumps(data, allow_nan=False, separators=(',', ':'), ensure_ascii=False)
    return text.replace('<', '\\u003c')


def _blocks(number: int, gallery: Gallery) -> Iterator[str]:
    """Blocks of pictures, a line of base64 for each, ``-`` where there is none."""
    samples = gallery.samples
    for block, begin in enumerate(range(0, len(samples), CHUNK)):
        yield f'<script type="text/plain" id="p{number}-{block}">\n'
        for each in samples[begin : begin + CHUNK]:
            yield base64.b64encode(each.picture).decode() if each.picture else '-'
            yield '\n'
        yield '</script>\n'
