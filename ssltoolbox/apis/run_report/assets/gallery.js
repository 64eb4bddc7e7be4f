// The gallery: controls above, cards below, a page of them at a time.

const PAGE = 60;

function field(label, control) {
  return el('label', { class: 'field' }, el('span', {}, label), control);
}

function choice(options, value, onchange) {
  const select = el('select', { onchange: () => onchange(select.value) },
    options.map(([key, text]) => el('option', { value: key, selected: key === String(value) }, text)));
  return select;
}

function bounds(gallery, key) {
  return extent(gallery.values[key]);
}

function rangeField(gallery, about, state, changed) {
  const [low, high] = bounds(gallery, about.key);
  const input = (side, text) => {
    const box = el('input', {
      type: 'number', step: 'any', placeholder: number(side ? high : low),
      'aria-label': `${about.label}, ${text}`, 'data-range': `${about.key}-${text}`,
      value: state.ranges[about.key] ? state.ranges[about.key][side] : null,
      oninput: () => {
        const range = state.ranges[about.key] || (state.ranges[about.key] = [null, null]);
        range[side] = box.value === '' ? null : Number(box.value);
        changed();
      },
    });
    return box;
  };
  return el('div', { class: 'field', title: about.meaning },
    el('span', {}, about.label), el('div', { class: 'pair' }, input(0, 'least'), input(1, 'most')));
}

class Gallery {
  constructor(report) {
    this.galleries = report.galleries;
    this.root = el('div', { id: 'gallery' });
    this.open(0);
  }

  open(number, changes) {
    this.gallery = this.galleries[number];
    this.state = Object.assign(freshState(this.gallery), changes);
    this.render();
  }

  render() {
    const gallery = this.gallery;
    this.count = el('strong', { role: 'status', id: 'count' });
    this.list = el('ul', { class: 'cards', id: 'cards' });
    this.more = el('button', { class: 'more', type: 'button', onclick: () => this.grow() });
    tilesStyle(gallery, this.list);
    this.root.replaceChildren();
    fill(this.root, {}, [
      this.tabs(),
      el('div', { class: 'panel' }, this.tools(), this.chips(), this.ranges()),
      el('div', { class: 'status' }, this.count, el('span', { class: 'legend' },
        Object.entries(gallery.legend).map(([name, colour]) =>
          el('span', { class: 'swatch', '--mark': colour }, name)))),
      el('div', {}, gallery.notes.map((note) => el('p', { class: 'note' }, note))),
      this.list, this.more]);
    if (this.watch) this.watch.disconnect();
    this.watch = new IntersectionObserver((seen) => {
      if (seen.some((each) => each.isIntersecting)) this.grow();
    }, { rootMargin: '400px' });
    this.watch.observe(this.more);
    this.update();
  }

  tabs() {
    if (this.galleries.length < 2) return null;
    return el('div', { class: 'tabs', role: 'group', 'aria-label': 'pseudo labels of' },
      this.galleries.map((each, i) => el('button', {
        type: 'button', 'aria-pressed': String(each === this.gallery), onclick: () => this.open(i),
      }, `${each.stage}: ${each.title} (${each.name.length})`)));
  }

  tools() {
    const { gallery, state } = this;
    const change = (key, value) => { state[key] = value; this.update(); };
    const sorts = [['', 'as stored'], ['name', 'name'], ...keysOf(gallery).map((key) => [key, labelOf(gallery, key)])];
    const turn = el('button', {
      type: 'button', id: 'direction', onclick: () => { change('down', !state.down); this.turned(turn); },
    });
    this.turned(turn);
    return el('div', { class: 'tools' },
      el('div', { class: 'field' }, el('span', {}, 'sort by'), el('div', { class: 'pair' },
        fill(choice(sorts, state.sort, (value) => change('sort', value)), { id: 'sort', 'aria-label': 'sort by' }, []), turn)),
      gallery.parts.length > 0 && field(gallery.part, fill(choice(
        [['-1', `all (${gallery.parts.length})`], ...gallery.parts.map((name, i) => [String(i), name])],
        state.part, (value) => { state.part = Number(value); state.hidden.clear(); this.render(); }), { id: 'part' }, [])),
      gallery.groups.length > 0 && field(gallery.group, fill(choice(
        [['-1', `all (${gallery.groups.length})`], ...gallery.groups.map((name, i) => [String(i), name])],
        state.group, (value) => change('group', Number(value))), { id: 'group' }, [])),
      field('name', el('input', {
        type: 'search', id: 'text', value: state.text, placeholder: 'part of the file name',
        oninput: (event) => change('text', event.target.value),
      })),
      el('button', { type: 'button', id: 'reset', onclick: () => { this.state = freshState(gallery); this.render(); } }, 'Reset'));
  }

  turned(button) {
    button.textContent = this.state.down ? '↓' : '↑';
    button.setAttribute('aria-label', this.state.down ? 'largest first' : 'smallest first');
    button.title = button.getAttribute('aria-label');
  }

  chips() {
    const { gallery, state } = this;
    return el('fieldset', { class: 'chips' }, el('legend', {}, 'decision'),
      fatesOf(gallery, state.part).map((fate) => {
        const button = el('button', {
          type: 'button', class: `chip f-${slug(fate)}`, 'data-fate': fate, 'aria-pressed': String(!state.hidden.has(fate)),
          onclick: () => {
            if (!state.hidden.delete(fate)) state.hidden.add(fate);
            button.setAttribute('aria-pressed', String(!state.hidden.has(fate)));
            this.update();
          },
        }, fate);
        return button;
      }));
  }

  ranges() {
    const { gallery, state } = this;
    const known = gallery.about.filter((each) => gallery.values[each.key]);
    if (!known.length) return null;
    return el('details', { class: 'ranges', open: Object.keys(state.ranges).length > 0 },
      el('summary', {}, 'ranges'),
      el('div', { class: 'tools' }, known.map((each) => rangeField(gallery, each, state, () => this.update()))));
  }

  update() {
    this.places = select(this.gallery, this.state);
    this.count.textContent = `${this.places.length} of ${plural(this.gallery.name.length, 'label')}`;
    this.list.replaceChildren();
    this.grow();
  }

  grow() {
    const begin = this.list.childElementCount;
    const end = Math.min(begin + PAGE, this.places.length);
    const cards = [];
    for (let at = begin; at < end; at += 1) cards.push(card(this.gallery, this.places, at, this.state));
    this.list.append(...cards);
    this.more.hidden = end === this.places.length;
    this.more.textContent = `Show more (${this.places.length - end})`;
  }
}
