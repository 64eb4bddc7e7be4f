// What was run, how far it is, and what came out.

function stagesTable(report) {
  return el('div', { class: 'panel' }, el('h3', {}, 'Stages'),
    table(['stage', 'state', 'score'], report.stages.map((stage) => [
      stage.name, el('span', { class: `state ${stage.state}` }, stage.state), number(stage.score)])));
}

const METRICS_SHOWN = 12;

// The first metrics are those that count; the others open on demand.
function metricTable(head, rows) {
  if (rows.length <= METRICS_SHOWN) return table(head, rows);
  const others = rows.slice(METRICS_SHOWN);
  return [table(head, rows.slice(0, METRICS_SHOWN)),
    el('details', { class: 'more' }, el('summary', {}, plural(others.length, 'other metric')), table(head, others))];
}

// Rows are metrics, columns networks or classes; a metric alone has its own name.
function metricPanel(title, groups) {
  const whole = groups.some((group) => 'all' in group.values) ? 'all' : 'value';
  const nameOf = (group, name) => (name === group.title ? whole : name);
  const names = [...new Set(groups.flatMap((group) => Object.keys(group.values).map((name) => nameOf(group, name))))];
  // beside several networks, what is said of none of them is left to its curve
  const columns = whole === 'value' && names.length > 1 ? names.filter((name) => name !== whole) : names;
  const rows = groups.map((group) => {
    const known = Object.fromEntries(Object.entries(group.values).map(([name, value]) => [nameOf(group, name), value]));
    return [group.title, ...columns.map((name) => (name in known ? number(known[name]) : ''))];
  }).filter(([, ...cells]) => cells.some((cell) => cell !== ''));
  return el('div', { class: 'panel' }, el('h3', {}, title), metricTable(['metric', ...columns], rows));
}

function lastValues(report) {
  const stage = [...report.stages].reverse().find((each) => each.curves.some((panel) => panel.section === 'validation'));
  if (!stage) return null;
  const panels = stage.curves.filter((panel) => panel.section === 'validation');
  const groups = panels.map((panel) => ({
    title: panel.title,
    values: Object.fromEntries(panel.curves.map((curve) => [curve.name, curve.y[curve.y.length - 1]])),
  }));
  return metricPanel(`Last validation of ${stage.name}`, groups);
}

function testTables(report) {
  return Object.entries(report.metrics).map(([split, found]) =>
    metricPanel(`Result on ${split}`, found));
}

function galleryPanel(gallery) {
  const total = gallery.name.length;
  const counts = gallery.fates.map((fate, i) => [fate, gallery.fate.filter((each) => each === i).length]);
  const means = gallery.about.filter((each) => each.key !== 'step').map((each) => {
    const known = gallery.values[each.key].filter((value) => value !== null);
    return [el('span', { title: each.meaning }, each.label), number(known.reduce((a, b) => a + b, 0) / known.length)];
  });
  const bar = el('div', { class: 'fates', role: 'img', 'aria-label': counts.map(([fate, n]) => `${n} ${fate}`).join(', ') },
    counts.map(([fate, n]) => {
      const part = el('span', { class: `f-${slug(fate)}` });
      part.style.flexGrow = n;
      return part;
    }));
  return el('div', { class: 'panel' },
    el('h3', {}, `${plural(total, 'pseudo label')} of ${gallery.stage}, ${gallery.title}`), bar,
    el('p', { class: 'soft' }, counts.map(([fate, n]) => el('span', { class: `key f-${slug(fate)}` }, `${n} ${fate}`))),
    means.length > 0 && table(['number', 'mean'], means));
}

function overviewSection(report) {
  return [
    el('h1', {}, report.name),
    el('p', { class: 'soft' }, report.about.join(' · ')),
    report.notes.map((note) => el('p', { class: 'note' }, note)),
    el('div', { class: 'flow' }, stagesTable(report), lastValues(report), testTables(report), report.galleries.map(galleryPanel))];
}

function reproduceSection(report) {
  const commands = report.commands.join('\n');
  return [
    el('p', {}, report.commandNote),
    el('div', {}, copyButton(commands), el('pre', { class: 'command' }, commands)),
    el('p', { class: 'soft' }, Object.entries(report.versions).map(([name, version]) => `${name} ${version}`).join(' · ')),
    el('h3', {}, 'Resolved configs'),
    report.stages.map((stage) => el('details', { class: 'stage' },
      el('summary', {}, stage.name),
      stage.config ? el('div', {}, copyButton(stage.config), el('pre', { tabindex: 0 }, stage.config))
        : el('p', { class: 'note' }, 'Its folder holds no config.')))];
}
