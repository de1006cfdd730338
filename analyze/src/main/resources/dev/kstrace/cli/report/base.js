'use strict';
/* What all parts of the page share: elements, words and colours. Text from a trace only ever becomes
   text nodes and attribute values, never markup. */
const ks = {};

/** An element: ks.el('a.quiet', {href: '#x'}, 'text', child). Properties beginning with on listen. */
ks.el = (spec, props, ...children) => {
  const [tag, ...classes] = spec.split('.');
  const svg = tag.startsWith('svg:');
  const node = svg
    ? document.createElementNS('http://www.w3.org/2000/svg', tag.slice(4))
    : document.createElement(tag);
  if (classes.length) node.setAttribute('class', classes.join(' '));
  for (const [name, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  ks.add(node, children);
  return node;
};

ks.add = (node, children) => {
  for (const child of children.flat(3)) {
    if (child !== undefined && child !== null && child !== false) node.append(child);
  }
  return node;
};

ks.say = (text) => {
  document.getElementById('status').textContent = text;
};

// Words.

ks.count = (n) => Math.round(n).toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');

ks.plural = (n, one, many) => ks.count(n) + ' ' + (n === 1 ? one : many || one + 's');

const fixed = (n, digits) => {
  const text = n.toFixed(digits);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
};

/** A duration of nanoseconds with about three digits that matter. */
ks.ns = (ns) => {
  const size = Math.abs(ns);
  const digits = (n) => (n < 10 ? 2 : n < 100 ? 1 : 0);
  if (size < 1e3) return fixed(ns, 0) + ' ns';
  if (size < 1e6) return fixed(ns / 1e3, digits(size / 1e3)) + ' \u00b5s';
  if (size < 1e9) return fixed(ns / 1e6, digits(size / 1e6)) + ' ms';
  if (size < 3600e9) return fixed(ns / 1e9, size < 100e9 ? 2 : 1) + ' s';
  return fixed(ns / 3600e9, 2) + ' h';
};

/** A moment, with as many digits as a step of the axis asks for, in the unit that suits the reach. */
ks.moment = (ns, step, reach) => {
  const size = Math.max(Math.abs(reach ?? ns), 1);
  const [unit, name] = size < 1e6 ? [1e3, '\u00b5s'] : size < 1e9 ? [1e6, 'ms'] : [1e9, 's'];
  const digits = Math.min(9, Math.max(0, Math.ceil(Math.log10(unit) - Math.log10(Math.max(1, step)) - 1e-9)));
  return (ns / unit).toFixed(digits) + ' ' + name;
};

ks.bytes = (n) => {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let size = Math.abs(n);
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return fixed(n < 0 ? -size : size, size < 10 ? 2 : size < 100 ? 1 : 0) + ' ' + units[unit];
};

ks.severities = ['error', 'warning', 'info'];
ks.severityWord = { error: 'error', warning: 'warning', info: 'note' };

/** The sign of a severity; shape and colour say the same. */
ks.sign = (severity, size) => {
  const shapes = {
    error: 'M8 .8 15.2 8 8 15.2 .8 8Z',
    warning: 'M8 1.2 15.4 14.4H.6Z',
    info: 'M8 1.6a6.4 6.4 0 1 1 0 12.8a6.4 6.4 0 1 1 0-12.8Z',
    good: 'M6.4 10.9 3.2 7.7 1.6 9.3l4.8 4.8L14.6 5.6 13 4Z',
  };
  return ks.el(
    'svg:svg.sign.' + severity,
    { viewBox: '0 0 16 16', width: size || 16, height: size || 16, 'aria-hidden': 'true' },
    ks.el('svg:path', { d: shapes[severity] }),
  );
};

// Colours.

let known = null;

/** The colours in force, and the font, read from the style sheet; canvases are drawn with them. */
ks.colours = () => known || (known = readColours());

const readColours = () => {
  const style = getComputedStyle(document.documentElement);
  const names = [
    'paper', 'panel', 'ink', 'soft', 'line', 'blue', 'fill', 'band', 'limit', 'error', 'warning', 'info', 'good',
    'state0', 'state1', 'state2', 'state3', 'grey', 'sky',
  ];
  const colours = {};
  for (const name of names) colours[name] = style.getPropertyValue('--' + name).trim();
  colours.font = getComputedStyle(document.body).fontFamily;
  colours.threads = [1, 2, 3, 4, 5, 6, 7].map((i) => style.getPropertyValue('--thread' + i).trim());
  return colours;
};

ks.redraws = [];

/** Runs whatever draws on a canvas again: after a change of the colours or of the width. */
ks.redraw = () => {
  known = null;
  ks.redraws.forEach((draw) => draw());
};

ks.theme = {
  chosen: false,
  /** Shows other colours, and what the button changes them to. */
  set(theme) {
    document.documentElement.dataset.theme = theme;
    const other = theme === 'dark' ? 'Light' : 'Dark';
    const button = document.getElementById('theme');
    button.textContent = other;
    button.setAttribute('aria-label', `Change to ${other.toLowerCase()} colours`);
    ks.redraw();
  },
  current: () => document.documentElement.dataset.theme,
};

// What floats.

ks.tip = {
  /** Shows lines beside a place on the screen; the first one stands out. */
  show(x, y, lines) {
    const tip = document.getElementById('tip');
    tip.replaceChildren(...lines.map((line, i) => ks.el(i ? 'div' : 'div.first', {}, line)));
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    const left = Math.max(8, Math.min(x + 14, document.documentElement.clientWidth - box.width - 8));
    const top = y + 16 + box.height > window.innerHeight ? y - box.height - 12 : y + 16;
    tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(Math.max(4, top))}px)`;
  },
  hide() {
    document.getElementById('tip').hidden = true;
  },
};

/** A text with a button that copies it. */
ks.copyable = (label, text) => {
  const button = ks.el('button.quiet.copy', { type: 'button', 'aria-label': 'Copy: ' + label }, 'Copy');
  const code = ks.el('code', {}, text);
  button.addEventListener('click', async () => {
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch (refused) {
      const range = document.createRange();
      range.selectNodeContents(code);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      done = document.execCommand('copy');
    }
    button.textContent = done ? 'Copied' : 'Selected';
    ks.say(label + (done ? ' copied' : ' selected'));
    setTimeout(() => (button.textContent = 'Copy'), 1500);
  });
  return ks.el('div.copyable', {}, ks.el('div.label', {}, label, button), ks.el('pre', { tabindex: 0 }, code));
};

/** A choice of one of some values. */
ks.choice = (label, options, onchange) => {
  const select = ks.el('select', {}, options.map(([value, text]) => ks.el('option', { value }, text)));
  select.addEventListener('change', () => onchange(select.value));
  return ks.el('label.choice', {}, ks.el('span', {}, label), select);
};

/** A section of the page with its heading. */
ks.section = (id, title, note, ...children) =>
  ks.el(
    'section', { id, 'aria-labelledby': id + '-title' },
    ks.el('div.head', {}, ks.el('h2', { id: id + '-title' }, title), note ? ks.el('p.note', {}, note) : null),
    children,
  );
