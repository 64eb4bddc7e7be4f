// What was run, how far it is, and what came out.

function stagesTable(report) {
  return el('div', { class: 'panel' }, el('h3', {}, 'Stages'),
    table(['stage', 'state', 'score'], report.stages.map((stage) => [
      stage.name, el('span', { class: `state ${stage.state}` }, stage.state), number(stage.score)])));
}

function lastValues(report) {
  const stage = [...report.stages].reverse().find((each) => each.curves.some((panel) => panel.section === 'validation'));
  if (!stage) return null;
  const panels = stage.curves.filter((panel) => panel.section === 'validation');
  const names = [...new Set(panels.flatMap((panel) => panel.curves.map((curve) => (curve.name === panel.title ? '' : curve.name))))];
  const rows = panels.map((panel) => [panel.title, ...names.map((name) => {
    const curve = panel.curves.find((each) => each.name === (name || panel.title));
    return curve ? number(curve.y[curve.y.length - 1]) : '–';
  })]);
  return el('div', { class: 'panel' }, el('h3', {}, `Last validation of ${stage.name}`),
    table(['metric', ...names.map((name) => name || 'value')], rows));
}

function testTables(report) {
  return Object.entries(report.metrics).map(([split, found]) =>
    el('div', { class: 'panel' }, el('h3', {}, `Result on ${split}`),
      table(['metric', 'value'], Object.entries(found).map(([name, value]) => [name, number(value)]))));
}

function galleryPanel(gallery) {
  const total = gallery.name.length;
  const counts = gallery.fates.map((fate, i) => [fate, gallery.fate.filter((each) => each === i).length]);
  const means = gallery.about.filter((each) => each.key !== 'step').map((each) => {
    const known = gallery.values[each.key].filter((value) => value !== null);
    return [el('span', { title: each.meaning }, `mean ${each.label}`), number(known.reduce((a, b) => a + b, 0) / known.length)];
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
