// A pseudo label as a card, and as a sheet with all that is known of it.

const waiting = new Set();

const near = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    near.unobserve(entry.target);
    show(entry.target.image);
  }
}, { rootMargin: '600px' });

function show(image) {
  const source = pictureOf(image.gallery, image.place);
  if (source) {
    image.src = source;
    image.alt = image.dataset.alt;
  }
  // the page may still be on its way
  else if (document.readyState === 'loading') waiting.add(image);
  else image.replaceWith(el('span', { class: 'blank' }, 'no picture'));
}

document.addEventListener('DOMContentLoaded', () => {
  waiting.forEach(show);
  waiting.clear();
});

function lazyImage(gallery, place, alt) {
  // without a source a browser would write the text over the empty place
  const image = el('img', { alt: '', 'data-alt': alt, decoding: 'async' });
  image.gallery = gallery;
  image.place = place;
  return image;
}

function mainNumbers(gallery, place, part, first) {
  const keys = [first, 'right', 'iou', 'error', 'disagreement', 'confidence', 'share', 'kept'];
  const known = [...new Set(keys)].filter((key) => {
    const value = key && key !== 'name' ? valueOf(gallery, key, place, part) : null;
    return value !== null && value !== undefined;
  });
  return known.slice(0, 2).map((key, i) => [
    i ? ' · ' : '', `${labelOf(gallery, key)} `, el('b', {}, number(valueOf(gallery, key, place, part)))]);
}

function labelOf(gallery, key) {
  const about = gallery.about.find((each) => each.key === key);
  return about ? about.label : key;
}

function card(gallery, places, at, state) {
  const place = places[at];
  const fate = fateOf(gallery, place, state.part) || 'without label';
  const group = gallery.groupOf.length && gallery.groupOf[place] >= 0
    ? gallery.groups[gallery.groupOf[place]] : '';
  const image = lazyImage(gallery, place, `${gallery.title}: ${gallery.name[place]}`);
  const item = el('li', {},
    el('button', { class: 'card', type: 'button', 'data-place': place, onclick: () => openSheet(gallery, places, at) },
      image,
      el('span', { class: 'about' },
        el('span', { class: 'name', title: gallery.name[place] }, gallery.name[place]),
        el('span', { class: `fate f-${slug(fate)}` }, group ? `${fate} · ${group}` : fate),
        el('span', { class: 'numbers' }, mainNumbers(gallery, place, state.part, state.sort)))));
  // not the picture: what is inside a card out of view is not laid out
  item.image = image;
  near.observe(item);
  return item;
}

function tilesStyle(gallery, list) {
  const count = gallery.tiles.length || 1;
  if (count > 1) list.style.setProperty('--card-width', `min(100%, ${6.2 * count}rem)`);
  list.style.setProperty('--ratio', String(gallery.ratio));
}

function partTable(gallery, place) {
  const keys = Object.keys(gallery.partValues);
  const rows = gallery.parts.map((name, part) => [name, ...keys.map((key) => {
    const value = gallery.partValues[key][place][part];
    if (value === null || value === undefined) return null;
    return key === 'fate' ? gallery.partFates[value] : number(value);
  })]).filter((row) => row.slice(1).some((cell) => cell !== null));
  if (!rows.length) return null;
  const head = [gallery.part, ...keys.map((key) => (key === 'fate' ? 'decision' : labelOf(gallery, key)))];
  return el('div', { class: 'parts' }, table(head, rows.map((row) => row.map((cell) => cell ?? '–'))));
}

function openSheet(gallery, places, at) {
  const dialog = document.getElementById('sheet');
  const place = places[at];
  const source = pictureOf(gallery, place);
  const step = (by) => {
    const next = at + by;
    if (next >= 0 && next < places.length) openSheet(gallery, places, next);
  };
  const group = gallery.groupOf.length && gallery.groupOf[place] >= 0
    ? [[gallery.group, gallery.groups[gallery.groupOf[place]]]] : [];
  const facts = [['decision', fateOf(gallery, place, -1)], ...group,
    ...gallery.about.map((each) => [
      el('span', { title: each.meaning }, each.label), number(gallery.values[each.key][place])])];
  dialog.replaceChildren(
    el('div', { class: 'sheet-head' },
      el('h3', { id: 'sheet-name' }, gallery.name[place]),
      el('button', { type: 'button', 'aria-label': 'previous', disabled: at === 0, onclick: () => step(-1) }, '←'),
      el('button', { type: 'button', 'aria-label': 'next', disabled: at === places.length - 1, onclick: () => step(1) }, '→'),
      el('button', { type: 'button', 'aria-label': 'close', onclick: () => dialog.close() }, '✕')),
    el('div', { class: gallery.tiles.length > 1 ? 'sheet wide' : 'sheet' },
      el('div', {}, source ? el('img', { src: source, alt: gallery.name[place] }) : el('p', { class: 'note' }, 'no picture'),
        gallery.tiles.length > 1 && el('div', { class: 'tiles' }, gallery.tiles.map((name) => el('span', {}, name)))),
      el('div', {}, table(['this label', ''], facts), partTable(gallery, place))));
  dialog.onkeydown = (event) => {
    if (event.key === 'ArrowLeft') step(-1);
    if (event.key === 'ArrowRight') step(1);
  };
  if (!dialog.open) dialog.showModal();
}
