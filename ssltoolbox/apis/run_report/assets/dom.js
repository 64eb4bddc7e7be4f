// Small helpers. Texts become text nodes only: nothing of a run is ever read as HTML.

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name.startsWith('--')) node.style.setProperty(name, value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children.flat(3)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}

const el = (tag, attributes, ...children) =>
  fill(document.createElement(tag), attributes, children);

const svg = (tag, attributes, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

function number(value) {
  if (value === null || value === undefined) return '–';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return String(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(1);
  return String(Number(value.toPrecision(size < 1 ? 3 : 4)));
}

const slug = (text) => text.replace(/[^a-z0-9]+/gi, '-').toLowerCase();

const plural = (count, word) => `${count} ${word}${count === 1 ? '' : 's'}`;

function table(head, rows) {
  return el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': head[0] },
    el('table', {},
      el('thead', {}, el('tr', {}, head.map((text, i) =>
        el('th', { scope: 'col', class: i ? 'number' : null }, text)))),
      el('tbody', {}, rows.map((row) => el('tr', {}, row.map((cell, i) =>
        i ? el('td', { class: 'number' }, cell) : el('th', { scope: 'row' }, cell)))))));
}

function copyButton(text) {
  const button = el('button', { class: 'copy', type: 'button', onclick: copy }, 'Copy');
  async function copy() {
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // pages from a disk may not use the clipboard everywhere
      const range = document.createRange();
      range.selectNodeContents(button.nextElementSibling);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      done = document.execCommand('copy');
    }
    button.textContent = done ? 'Copied' : 'Selected';
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  }
  return button;
}
