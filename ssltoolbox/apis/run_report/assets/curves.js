// Curves as SVG: one small picture for each group of scalars.

const WIDTH = 320, HEIGHT = 170, LEFT = 50, RIGHT = 8, TOP = 8, BOTTOM = 22;
const NETWORKS = { student: 0, teacher: 1, net1: 0, net2: 1, ensemble: 2, kept: 0, relabelled: 4 };

function colours(curves) {
  const taken = new Set(curves.map((curve) => NETWORKS[curve.name]).filter((n) => n >= 0));
  let next = 0;
  return curves.map((curve) => {
    if (curve.name in NETWORKS) return NETWORKS[curve.name];
    while (taken.has(next) && next < 6) next += 1;
    taken.add(next);
    return next;
  });
}

function ticks(low, high, count) {
  const raw = (high - low) / count;
  const base = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((n) => n * base).find((n) => n >= raw * 0.999);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i += 1) {
    found.push(Number((i * step).toPrecision(12)));
  }
  return found;
}

function extent(values) {
  const known = values.filter((value) => value !== null);
  if (!known.length) return [0, 1];
  let low = known.reduce((a, b) => Math.min(a, b));
  let high = known.reduce((a, b) => Math.max(a, b));
  if (low === high) {
    const room = Math.abs(low) * 0.1 || 0.5;
    low -= room;
    high += room;
  }
  return [low, high];
}

function scale(low, high, from, to) {
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}

function pathOf(curve, atX, atY) {
  let gap = true;
  return curve.x.map((x, i) => {
    if (curve.y[i] === null) {
      gap = true;
      return '';
    }
    const command = gap ? 'M' : 'L';
    gap = false;
    return `${command}${atX(x).toFixed(1)} ${atY(curve.y[i]).toFixed(1)}`;
  }).join('');
}

function axes(xs, ys, atX, atY) {
  const parts = [];
  for (const y of ticks(...ys, 4)) {
    const at = atY(y).toFixed(1);
    parts.push(svg('line', { class: 'grid-line', x1: LEFT, x2: WIDTH - RIGHT, y1: at, y2: at }));
    parts.push(svg('text', { x: LEFT - 6, y: Number(at) + 3.5, 'text-anchor': 'end' }, number(y)));
  }
  for (const x of ticks(...xs, 4)) {
    if (!Number.isInteger(x)) continue;
    parts.push(svg('text', { x: atX(x).toFixed(1), y: HEIGHT - 6, 'text-anchor': 'middle' }, String(x)));
  }
  return parts;
}

function describe(panel) {
  const told = panel.curves.map((curve) => {
    const known = curve.y.filter((value) => value !== null);
    return known.length
      ? `${curve.name} from ${number(known[0])} to ${number(known[known.length - 1])}`
      : `${curve.name} without a number`;
  });
  return `${panel.title}: ${told.join('; ')}`;
}

function drawPanel(panel) {
  const xs = extent(panel.curves.flatMap((curve) => curve.x));
  const ys = extent(panel.curves.flatMap((curve) => curve.y));
  const atX = scale(...xs, LEFT, WIDTH - RIGHT);
  const atY = scale(...ys, HEIGHT - BOTTOM, TOP);
  const kinds = colours(panel.curves);
  const cross = svg('line', { class: 'cross', y1: TOP, y2: HEIGHT - BOTTOM });
  const picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': describe(panel) },
    axes(xs, ys, atX, atY),
    panel.curves.map((curve, i) => [
      svg('path', { class: `line k${kinds[i]}`, d: pathOf(curve, atX, atY) }),
      curve.x.length <= 30 && curve.x.map((x, j) => curve.y[j] !== null &&
        svg('circle', { class: `dot k${kinds[i]}`, cx: atX(x).toFixed(1), cy: atY(curve.y[j]).toFixed(1), r: 2.4 })),
    ]),
    cross);
  const keys = el('div', { class: 'keys' });
  const single = panel.curves.length === 1 && panel.curves[0].name === panel.title;
  function tell(x) {
    keys.replaceChildren(...panel.curves.map((curve, i) => {
      const last = curve.x.length - 1;
      let at = last;
      if (x !== null) {
        at = curve.x.reduce((best, value, j) =>
          Math.abs(value - x) < Math.abs(curve.x[best] - x) ? j : best, 0);
      }
      const value = number(curve.y[at]);
      const when = x === null ? '' : ` at ${curve.x[at]}`;
      return el('span', { class: `key k${kinds[i]}` }, `${single ? '' : `${curve.name} `}${value}${when}`);
    }));
  }
  picture.addEventListener('pointermove', (event) => {
    const box = picture.getBoundingClientRect();
    const share = ((event.clientX - box.left) / box.width) * WIDTH;
    const x = Math.max(LEFT, Math.min(WIDTH - RIGHT, share));
    cross.setAttribute('x1', x);
    cross.setAttribute('x2', x);
    cross.style.visibility = 'visible';
    tell(xs[0] + ((x - LEFT) / (WIDTH - RIGHT - LEFT)) * (xs[1] - xs[0]));
  });
  picture.addEventListener('pointerleave', () => {
    cross.style.visibility = 'hidden';
    tell(null);
  });
  tell(null);
  return el('figure', { class: 'panel curve' }, el('h4', {}, panel.title), keys, picture);
}

function drawStage(stage, open) {
  const sections = [...new Set(stage.curves.map((panel) => panel.section))];
  return el('details', { class: 'stage', open },
    el('summary', {}, `${stage.name}`),
    sections.map((section) => {
      const panels = stage.curves.filter((panel) => panel.section === section);
      const grid = el('div', { class: 'curves' }, panels.map(drawPanel));
      return section === 'other'
        ? el('details', {}, el('summary', {}, `other (${panels.length})`), grid)
        : [el('h3', {}, section), grid];
    }));
}

function curvesSection(report) {
  const stages = report.stages.filter((stage) => stage.curves.length);
  if (!stages.length) return el('p', { class: 'note' }, 'Nothing was logged by this run.');
  return stages.map((stage, i) => drawStage(stage, i === stages.length - 1));
}
