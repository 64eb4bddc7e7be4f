// Worst cases: rows of cards, each of which the gallery can show in full.

const SHOWN = 12;

function causes(gallery) {
  const has = (key) => gallery.about.some((each) => each.key === key);
  const dropped = gallery.fates.filter((fate) => fate === 'dropped');
  const used = new Set(dropped);
  const found = [];
  if (has('right')) found.push(['Learnt from, and most wrong', { sort: 'right', down: false, hidden: used }]);
  if (has('error')) found.push(['Farthest from the truth', { sort: 'error', down: true, hidden: used }]);
  if (has('disagreement')) found.push(['Most disputed', { sort: 'disagreement', down: true }]);
  if (has('confidence')) found.push(['Learnt from, though least sure', { sort: 'confidence', down: false, hidden: used }]);
  return found;
}

function worstSection(report, browser) {
  const rows = report.galleries.flatMap((gallery) => causes(gallery).map(([title, changes]) => {
    const state = Object.assign(freshState(gallery), changes);
    const places = select(gallery, state).filter((place) => {
      const value = valueOf(gallery, state.sort, place, -1);
      // where nothing differs from anything nothing is disputed
      return value !== null && value !== undefined && (!state.down || value > 0);
    }).slice(0, SHOWN);
    if (!places.length) return null;
    const list = el('ul', { class: 'row', tabindex: 0, 'aria-label': title });
    tilesStyle(gallery, list);
    list.append(...places.map((_, at) => card(gallery, places, at, state)));
    const all = () => {
      const copy = Object.assign({}, changes, { hidden: new Set(changes.hidden) });
      browser.open(gallery.number, copy);
      document.getElementById('labels').scrollIntoView();
    };
    return el('div', {}, el('div', { class: 'worst-head' },
      el('h3', {}, title), el('span', { class: 'soft' }, `${gallery.stage}: ${gallery.title}`),
      el('button', { type: 'button', onclick: all }, 'All in the gallery')), list);
  }));
  const known = rows.filter(Boolean);
  return known.length ? known : el('p', { class: 'note' }, 'No pseudo label has a number to be judged by.');
}
