'use strict';
/* Tables that are sorted by their headings and filtered by a field. */

/**
 * A table. Columns: {title, of: row => value, show: value => text or node, number, wide}. Numbers are
 * compared as such, everything else as text. The total says how many rows there were; none what to say of no rows.
 */
ks.table = (caption, columns, rows, total, none) => {
  const step = 100;
  let shown = step;
  let order = { column: -1, up: true };
  let words = [];
  const text = new Map();
  const textOf = (row) => {
    if (!text.has(row)) text.set(row, columns.map((c) => String(c.of(row) ?? '')).join('\u0000').toLowerCase());
    return text.get(row);
  };
  const body = ks.el('tbody');
  const note = ks.el('p.note');
  const more = ks.el('button.quiet', { type: 'button', onclick: () => ((shown = rows.length), fill()) }, 'Show all');
  const heads = columns.map((column, i) => {
    const button = ks.el('button', { type: 'button' }, column.title, ks.el('span.arrow', { 'aria-hidden': 'true' }));
    const head = ks.el(column.number ? 'th.number' : 'th', { scope: 'col', 'aria-sort': 'none' }, button);
    button.addEventListener('click', () => {
      order = { column: i, up: order.column === i ? !order.up : !column.number };
      heads.forEach((h, k) =>
        h.setAttribute('aria-sort', k === i ? (order.up ? 'ascending' : 'descending') : 'none'));
      fill();
      ks.say(`${caption}: sorted by ${column.title}, ${order.up ? 'ascending' : 'descending'}`);
    });
    return head;
  });

  const compare = (a, b) => {
    const column = columns[order.column];
    const [x, y] = [column.of(a), column.of(b)];
    const [noX, noY] = [x === undefined || x === null, y === undefined || y === null];
    if (noX || noY) return noX - noY; // what is not known stands last, whatever the direction
    const way = order.up ? 1 : -1;
    if (column.number) return way * (Number(x) - Number(y));
    return way * (String(x) < String(y) ? -1 : String(x) > String(y) ? 1 : 0);
  };

  function fill() {
    let found = words.length ? rows.filter((row) => words.every((word) => textOf(row).includes(word))) : rows;
    if (order.column >= 0) found = found.slice().sort(compare);
    body.replaceChildren(
      ...found.slice(0, shown).map((row) =>
        ks.el('tr', {}, columns.map((column) => {
          const value = column.of(row);
          const content = value === undefined || value === null ? '' : column.show ? column.show(value, row) : value;
          return ks.el(column.number ? 'td.number' : column.wide ? 'td.wide' : 'td', {}, content);
        }))),
    );
    if (!found.length) {
      body.append(ks.el('tr', {}, ks.el('td.none', { colspan: columns.length }, rows.length ? 'Nothing fits the filter.' : none || 'None.')));
    }
    more.hidden = found.length <= shown;
    const parts = [];
    if (found.length > shown) parts.push(`The first ${ks.count(shown)} of ${ks.count(found.length)} are shown.`);
    if (total > rows.length) {
      parts.push(`The page holds ${ks.count(rows.length)} of ${ks.count(total)}; kstrace query has all.`);
    }
    note.textContent = parts.join(' ');
  }

  const filter = ks.el('input', { type: 'search', placeholder: 'Filter', 'aria-label': 'Filter ' + caption });
  filter.addEventListener('input', () => {
    words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = step;
    fill();
  });
  fill();
  return ks.el(
    'div.table', {},
    ks.el('div.tools', {}, ks.el('h3', {}, caption), rows.length > 5 ? filter : null),
    ks.el(
      'div.scroll', { tabindex: 0, role: 'region', 'aria-label': caption },
      ks.el(columns.length < 3 && !columns.some((c) => c.wide) ? 'table.small' : 'table', {}, ks.el('thead', {}, ks.el('tr', {}, heads)), body),
    ),
    ks.el('div.tools', {}, note, more),
  );
};
