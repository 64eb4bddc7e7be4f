"""The page in a browser: no errors, no requests, sorted and filtered right."""

import json

import cv2
import numpy as np
import pytest

from ssltoolbox.apis.run_report.gallery import Gallery, Sample, encode
from ssltoolbox.apis.run_report.page import CHUNK, write_page
from ssltoolbox.apis.run_report.report import page_content
from ssltoolbox.apis.run_report.run import Run, StageRun

from ..chromium import Browser, find_chromium

HOSTILE = '</script><img src=x onerror="document.title=1">&amp;'
COUNT = CHUNK + 50


def samples():
    picture = encode(np.full((16, 16, 3), 90, np.uint8))
    for i in range(COUNT):
        fate = 'dropped' if i % 5 == 0 else 'kept'
        yield Sample(
            name=f'{HOSTILE}{i:03d}',
            fate=fate,
            # one has no number
            values=dict(confidence=None if i == 7 else (i * 7 % COUNT) / COUNT),
            picture=None if i == 3 else picture,
            group=('cow', 'fox')[i % 2],
            parts={'eye': dict(fate=fate, confidence=i / COUNT)} if i % 10 == 0 else {},
        )


@pytest.fixture(scope='module')
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp('page')
    vis = folder / '20260101_000000' / 'vis_data'
    vis.mkdir(parents=True)
    lines = [{'student/AP': 0.1 * i, 'loss': 1.0 / i, 'step': i} for i in (1, 2, 3)]
    vis.joinpath('scalars.json').write_text('\n'.join(map(json.dumps, lines)))
    stage = StageRun(HOSTILE, folder, folder, 'done', {}, f'# {HOSTILE}\n')
    shown = Gallery(HOSTILE, 'stored', list(samples()), 'joint', 'species')
    _, jpeg = cv2.imencode('.jpg', np.zeros((8, 24, 3), np.uint8))
    seen = Sample('one', 'kept', {'step': 4}, jpeg.tobytes())
    strip = Gallery('semi', 'seen', [seen], tiles=['weak', 'strong', 'label'])
    run = Run(folder, [stage], [f'echo {HOSTILE}'])
    galleries = [shown, strip]
    write_page(folder / 'report.html', page_content(run, galleries, []), galleries)
    return folder / 'report.html'


@pytest.fixture(scope='module')
def browser():
    program = find_chromium()
    if program is None:
        pytest.skip('no Chromium here: apt-get install chromium')
    with Browser(program) as found:
        yield found


@pytest.fixture
def opened(browser, page):
    browser.errors.clear()
    browser.open(page)
    yield browser
    assert not browser.errors


def names(browser):
    return browser.run(
        "[...document.querySelectorAll('#cards .card')].map(c => +c.dataset.place)"
    )


def choose(browser, control, value):
    browser.run(
        f"(() => {{ const c = document.querySelector('{control}'); c.value = '{value}';"
        "c.dispatchEvent(new Event(c.tagName === 'SELECT' ? 'change' : 'input')); })()"
    )


def count(browser):
    return browser.run("document.getElementById('count').textContent")


def test_nothing_of_the_run_is_read_as_html(opened):
    assert opened.run('document.title').endswith('report')
    assert opened.run("document.querySelectorAll('img[src=x]').length") == 0
    text = opened.run("document.querySelector('#cards .name').textContent")
    assert text.startswith(HOSTILE)
    assert HOSTILE in opened.run("document.querySelector('#reproduce').textContent")


def test_curves_are_drawn(opened):
    labels = opened.run(
        "[...document.querySelectorAll('.curve svg')].map(s => s.ariaLabel)"
    )
    assert 'AP: student from 0.1 to 0.3' in labels


def test_pictures_come_when_they_are_seen(opened):
    opened.run("document.getElementById('cards').scrollIntoView()")
    opened.until(
        "[...document.querySelectorAll('#cards img')].some(i => i.naturalWidth)"
    )
    choose(opened, '#text', '003')
    opened.until("document.querySelector('#cards .blank') !== null")


def test_sorting_puts_what_has_no_number_last(opened):
    values = {i: (i * 7 % COUNT) / COUNT for i in range(COUNT) if i != 7}
    ascending = sorted(values, key=values.get)
    assert names(opened)[:60] == ascending[:60]
    opened.run("document.getElementById('direction').click()")
    assert names(opened)[:60] == ascending[::-1][:60]
    for _ in range(COUNT // 60):
        opened.run("document.querySelector('.more').click()")
    assert len(names(opened)) == COUNT and names(opened)[-1] == 7
    assert opened.run("getComputedStyle(document.querySelector('.more')).display") == (
        'none'
    )


def test_filters_work_together(opened):
    assert count(opened) == f'{COUNT} of {COUNT} labels'
    opened.run("document.querySelector('[data-fate=dropped]').click()")
    assert count(opened) == f'{COUNT * 4 // 5} of {COUNT} labels'
    choose(opened, '#group', 1)
    choose(opened, '[data-range=confidence-least]', 0.5)
    kept = [i for i in range(COUNT) if i % 5 and i % 2 and i * 7 % COUNT >= COUNT / 2]
    expected = [i for i in kept if i != 7]
    assert count(opened) == f'{len(expected)} of {COUNT} labels'
    assert set(names(opened)) <= set(expected)
    opened.run("document.getElementById('reset').click()")
    assert count(opened) == f'{COUNT} of {COUNT} labels'


def test_a_joint_has_its_own_numbers_and_decisions(opened):
    choose(opened, '#part', 0)
    assert count(opened) == f'{COUNT // 10} of {COUNT} labels'
    assert names(opened) == list(range(0, COUNT, 10))


def test_a_label_is_shown_large_and_the_next_by_a_key(opened):
    opened.run("document.querySelector('#cards .card').click()")
    first = opened.run("document.querySelector('#sheet-name').textContent")
    opened.run(
        "document.getElementById('sheet').dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'ArrowRight'}))"
    )
    second = opened.run("document.querySelector('#sheet-name').textContent")
    assert opened.run("document.getElementById('sheet').open") and first != second


def test_another_gallery_and_worst_cases(opened):
    opened.run("document.querySelectorAll('.tabs button')[1].click()")
    assert count(opened) == '1 of 1 label'
    opened.run("document.querySelector('.worst-head button').click()")
    assert count(opened) == f'{COUNT * 4 // 5} of {COUNT} labels'


@pytest.mark.parametrize('width', [1400, 420, 320])
def test_no_window_is_too_narrow(browser, page, width):
    browser.open(page, width, dark=width == 420)
    assert browser.run('document.documentElement.scrollWidth') <= width
    assert not browser.errors


def test_the_first_metrics_are_shown_and_the_others_open(tmp_path, browser):
    vis = tmp_path / '20260101_000000' / 'vis_data'
    vis.mkdir(parents=True)
    metrics = {f'{n}/m{i:02d}': i / 100 for i in range(20) for n in ('net1', 'net2')}
    line = metrics | {'collapse/ratio': 0.5, 'step': 1}
    vis.joinpath('scalars.json').write_text(json.dumps(line))
    stage = StageRun('semi', tmp_path, tmp_path, 'done', {}, '')
    content = page_content(Run(tmp_path, [stage], []), [], [])
    write_page(tmp_path / 'report.html', content, [])
    browser.open(tmp_path / 'report.html')
    rows = '[...document.querySelectorAll("{} tbody th")].map((e) => e.textContent)'
    panel = '.flow .panel:nth-child(2)'
    assert browser.run(rows.format(f'{panel} > .scroll')) == [
        f'm{i:02d}' for i in range(12)
    ]
    others = browser.run(rows.format(f'{panel} details'))
    # of the two networks alone: the ratio, which is of neither, has its curve
    assert others == [f'm{i:02d}' for i in range(12, 20)]
    summary = browser.run(f'document.querySelector("{panel} summary").textContent')
    assert summary == '8 other metrics'
    assert browser.errors == []
