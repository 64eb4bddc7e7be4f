// Put the page together.

const report = JSON.parse(document.getElementById('report').textContent);
report.galleries.forEach((gallery, i) => { gallery.number = i; });

const sections = { overview: 'Overview', curves: 'Curves', labels: 'Pseudo labels', worst: 'Worst cases', reproduce: 'Reproduce' };
const none = el('p', { class: 'note' }, 'This run has stored or recorded no pseudo labels.');
const browser = report.galleries.length ? new Gallery(report) : null;
const content = {
  overview: () => overviewSection(report),
  curves: () => curvesSection(report),
  labels: () => (browser ? browser.root : none),
  worst: () => worstSection(report, browser),
  reproduce: () => reproduceSection(report),
};

document.getElementById('top').append(el('div', { class: 'bar' },
  el('strong', { title: report.name }, report.name),
  el('nav', { 'aria-label': 'sections' }, Object.entries(sections).map(([id, title]) => el('a', { href: `#${id}` }, title)))));
document.getElementById('main').append(...Object.entries(sections).map(([id, title]) =>
  el('section', { id, 'aria-label': title }, id !== 'overview' && el('h2', {}, title), content[id]())));
document.body.append(el('dialog', { id: 'sheet', 'aria-labelledby': 'sheet-name' }),
  el('footer', {}, `Written by ssltoolbox ${report.version} from ${report.folder}. This page loads nothing from a network.`));
