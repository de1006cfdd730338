'use strict';
/* Figures without time: how long things took, and which thread did what. */

/** Lower edge of a bin in ns: below 4 one each, then four for each power of two. */
ks.binFrom = (bin) => {
  if (bin < 4) return bin;
  return Math.pow(2, Math.floor(bin / 4) + 1) * (1 + (bin % 4) / 4);
};

ks.histogram = (title, data) => {
  const head = ks.el('h3', {}, title);
  if (!data) return ks.el('figure.histogram', {}, head, ks.el('p.note', {}, 'Nothing to measure.'));
  const [width, high, bottom] = [360, 120, 18];
  const edges = data.bins.map((n, i) => [ks.binFrom(data.first + i), ks.binFrom(data.first + i + 1)]);
  const low = Math.log10(Math.max(1, edges[0][0]));
  const top = Math.max(low + 0.3, Math.log10(edges[edges.length - 1][1]));
  const x = (ns) => ((Math.log10(Math.max(1, ns)) - low) / (top - low)) * width;
  const most = Math.max(...data.bins);
  const svg = ks.el('svg:svg', {
    viewBox: `0 0 ${width} ${high + bottom}`, role: 'img',
    'aria-label': `${title}: ${ks.count(data.n)} values, half up to ${ks.ns(data.p50)}, 99 % up to ${ks.ns(data.p99)}, longest ${ks.ns(data.max)}`,
  });
  let labelled = -Infinity;
  for (let power = Math.ceil(low); power <= top; power++) {
    const at = x(Math.pow(10, power));
    svg.append(ks.el('svg:line.grid', { x1: at, x2: at, y1: 0, y2: high }));
    if (at - labelled < 46 || at > width - 20 || at < 16) continue;
    svg.append(ks.el('svg:text.tick', { x: at, y: high + 13 }, ks.ns(Math.pow(10, power))));
    labelled = at;
  }
  data.bins.forEach((n, i) => {
    if (!n) return;
    const size = Math.max(1.5, (n / most) * (high - 12));
    const [from, to] = [x(edges[i][0]), x(edges[i][1])];
    svg.append(ks.el('svg:rect.bar', {
      x: from.toFixed(2), y: (high - size).toFixed(2), width: Math.max(1, to - from - 0.8).toFixed(2), height: size.toFixed(2),
    }, ks.el('svg:title', {}, `${ks.ns(edges[i][0])} to ${ks.ns(edges[i][1])}: ${ks.count(n)}`)));
  });
  let right = -Infinity;
  for (const [name, value] of [['p50', data.p50], ['p99', data.p99]]) {
    const at = x(value);
    const label = Math.min(width - 22, at + 3);
    svg.append(ks.el('svg:line.mark', { x1: at, x2: at, y1: 2, y2: high }),
      ks.el('svg:text.tick.start', { x: label, y: label < right ? 21 : 9 }, name));
    right = label + 26;
  }
  svg.append(ks.el('svg:line.base', { x1: 0, x2: width, y1: high + 0.5, y2: high + 0.5 }));
  const numbers = [['p50', data.p50], ['p95', data.p95], ['p99', data.p99], ['max', data.max]];
  return ks.el('figure.histogram', {}, head,
    ks.el('dl.numbers', {}, numbers.map(([name, value]) => ks.el('div', {}, ks.el('dt', {}, name), ks.el('dd', {}, ks.ns(value)))),
      ks.el('div', {}, ks.el('dt', {}, 'count'), ks.el('dd', {}, ks.count(data.n)))),
    svg);
};

ks.durations = (trace) => {
  const figures = ks.el('div.figures');
  const choose = (i) => {
    const one = trace.durations[i];
    figures.replaceChildren(
      ks.histogram('Frames were held for', one.lifetime),
      ks.histogram('allocate took', one.allocate),
      ks.histogram('free took', one.free));
  };
  const content = trace.durations.length
    ? [trace.durations.length > 1
      ? ks.choice('Pin', trace.durations.map((one, i) => [i, one.pin || 'all pins']), (i) => choose(Number(i))) : null, figures]
    : [ks.el('p.empty', {}, 'No frame was handed out, so that there is nothing to measure.')];
  if (trace.durations.length) choose(0);
  return ks.section('durations', 'Lifetimes and latencies',
    trace.durations.length ? 'At the callbacks; the scale of time is logarithmic.' : null, content);
};

/** Threads and what they did, the more the darker. */
ks.threads = (trace) => {
  const names = ['initialize', 'allocate', 'free', 'delete', 'other'];
  const most = Math.max(1, ...trace.threads.flatMap((row) => row.slice(1)));
  const cell = (n) => {
    const td = ks.el('td.number.heat', {}, n ? ks.count(n) : '\u00b7');
    if (n) td.style.setProperty('--heat', (8 + 52 * Math.log(1 + n) / Math.log(1 + most)).toFixed(0) + '%');
    return td;
  };
  const rows = trace.threads.map((row) =>
    ks.el('tr', {}, ks.el('th', { scope: 'row' }, row[0] === null ? 'not recorded' : 'thread ' + row[0]),
      row.slice(1).map(cell), ks.el('td.number.sum', {}, ks.count(row.slice(1).reduce((a, b) => a + b, 0)))));
  const left = trace.threadCount - trace.threads.length;
  return ks.section('threads', 'Threads', 'Events by thread and operation, at all layers.',
    trace.threads.length
      ? ks.el('div.scroll', { tabindex: 0, role: 'region', 'aria-label': 'Threads and operations' },
        ks.el('table.matrix', {},
          ks.el('thead', {}, ks.el('tr', {}, ks.el('th', { scope: 'col' }, ''),
            names.map((name) => ks.el('th.number', { scope: 'col' }, name)), ks.el('th.number', { scope: 'col' }, 'all'))),
          ks.el('tbody', {}, rows)))
      : ks.el('p.empty', {}, 'There are no events.'),
    left > 0 ? ks.el('p.note', {}, `${ks.plural(left, 'less busy thread')} left out.`) : null);
};
