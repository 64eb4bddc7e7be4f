// Pseudo labels in columns; filters and orders are arrays of places. No DOM here but
// for the pictures, which lie in the page as lines of base64.

const CHUNK = $chunk;

const lines = new Map();

function pictureOf(gallery, place) {
  const id = `p${gallery.number}-${Math.floor(place / CHUNK)}`;
  if (!lines.has(id)) {
    const node = document.getElementById(id);
    if (!node) return null;
    lines.set(id, node.textContent.trim().split('\n'));
  }
  const line = lines.get(id)[place % CHUNK];
  return line && line !== '-' ? `data:image/${line[0] === '/' ? 'jpeg' : 'webp'};base64,${line}` : null;
}

// A number of a sample: of one joint or class where one is chosen and has it.
function valueOf(gallery, key, place, part) {
  if (part >= 0 && gallery.partValues[key]) return gallery.partValues[key][place][part];
  return gallery.values[key] ? gallery.values[key][place] : null;
}

function fateOf(gallery, place, part) {
  if (part >= 0 && gallery.partValues.fate) {
    const fate = gallery.partValues.fate[place][part];
    return fate === null ? null : gallery.partFates[fate];
  }
  return gallery.fates[gallery.fate[place]];
}

function hasPart(gallery, place, part) {
  return part < 0 || Object.values(gallery.partValues).some((column) => {
    const value = column[place][part];
    return value !== null && value !== undefined;
  });
}

function keysOf(gallery) {
  const own = Object.keys(gallery.partValues).filter((key) => key !== 'fate');
  return [...new Set([...gallery.about.map((each) => each.key), ...own])];
}

function fatesOf(gallery, part) {
  return part >= 0 && gallery.partValues.fate ? gallery.partFates : gallery.fates;
}

// Places that pass, in order. What has no number comes last, in either direction.
function select(gallery, state) {
  const words = state.text.trim().toLowerCase();
  const found = [];
  for (let place = 0; place < gallery.name.length; place += 1) {
    if (words && !gallery.name[place].toLowerCase().includes(words)) continue;
    if (state.group >= 0 && gallery.groupOf[place] !== state.group) continue;
    if (!hasPart(gallery, place, state.part)) continue;
    if (state.hidden.has(fateOf(gallery, place, state.part))) continue;
    const inside = Object.entries(state.ranges).every(([key, [low, high]]) => {
      if (low === null && high === null) return true;
      const value = valueOf(gallery, key, place, state.part);
      return value !== null && value !== undefined && value >= (low ?? -Infinity) && value <= (high ?? Infinity);
    });
    if (inside) found.push(place);
  }
  if (!state.sort) return state.down ? found.reverse() : found;
  const sign = state.down ? -1 : 1;
  const value = (place) => state.sort === 'name'
    ? gallery.name[place] : valueOf(gallery, state.sort, place, state.part);
  const keyed = found.map((place) => [value(place), place]);
  keyed.sort(([a, i], [b, j]) => {
    const none = (x) => x === null || x === undefined;
    if (none(a) || none(b)) return none(a) - none(b) || i - j;
    return a < b ? -sign : a > b ? sign : i - j;
  });
  return keyed.map(([, place]) => place);
}

function freshState(gallery) {
  const first = gallery.about.find((each) => each.worse !== 0);
  return {
    text: '', group: -1, part: -1, hidden: new Set(), ranges: {},
    sort: first ? first.key : '', down: first ? first.worse > 0 : false,
  };
}
