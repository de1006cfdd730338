'use strict';
/* Two traces side by side: what is new, what is fixed, what is faster or slower. */

ks.compare = (report, comparison) => {
  const [before, after] = [report.traces[comparison.before], report.traces[comparison.after]];
  const { addedCount, fixedCount, remainingCount } = comparison;
  const better = addedCount === 0;
  const headline = addedCount + fixedCount === 0
    ? remainingCount ? `No finding came or went: ${ks.count(remainingCount)} remain` : 'No findings in either trace'
    : [fixedCount ? `${ks.count(fixedCount)} fixed` : null, addedCount ? `${ks.count(addedCount)} new` : 'none new',
      remainingCount ? `${ks.count(remainingCount)} remaining` : null].filter(Boolean).join(', ');
  const severity = better ? (remainingCount ? 'info' : 'good') : comparison.added.length ? comparison.added[0][0] : 'info';
  const verdict = ks.el('section.verdict.' + severity, { id: 'verdict', 'aria-label': 'Comparison' },
    ks.sign(severity, 40),
    ks.el('div', {}, ks.el('h1', {}, headline),
      ks.el('p.lead', {}, 'Before: ', ks.el('strong', {}, before.name), '. After: ', ks.el('strong', {}, after.name), '.')));

  const rows = [
    ...comparison.added.map((row) => ['new', ...row]),
    ...comparison.fixed.map((row) => ['fixed', ...row]),
    ...comparison.remaining.map((row) => ['remaining', ...row])];
  const findings = ks.section('findings', 'Findings', 'Told apart by their fingerprints.',
    ks.table('New, fixed and remaining', [
      { title: 'what became of it', of: (r) => r[0], show: (v) => ks.el('span.fate.' + v, {}, v) },
      { title: 'severity', of: (r) => ks.severityWord[r[1]], show: (v, r) => [ks.sign(r[1], 13), ' ', v] },
      { title: 'rule', of: (r) => r[2], show: (v) => ks.el('code', {}, v) },
      { title: 'findings', of: (r) => r[3], show: ks.count, number: true },
      { title: 'first', of: (r) => r[5], wide: true },
      { title: 'fingerprint', of: (r) => r[6], show: (v) => ks.el('code', {}, v) },
    ], rows, rows.length, 'There are no findings in either trace.'));

  const shown = (value, row) => (value === null ? '\u2013' : row[2] ? ks.ns(value) : ks.count(value));
  const change = (row) => (row[3] === null || row[4] === null ? null : row[2] ? (row[3] > 0 ? row[4] / row[3] : null) : row[4] - row[3]);
  const bars = (row) => {
    const most = Math.max(row[3] || 0, row[4] || 0, 1);
    const bar = (kind, value) => {
      const inside = ks.el('span.' + kind);
      inside.style.width = Math.max(value ? 2 : 0, (100 * (value || 0)) / most) + '%';
      return ks.el('span.track', {}, inside);
    };
    return ks.el('span.bars', { 'aria-hidden': 'true' }, bar('was', row[3]), bar('is', row[4]));
  };
  const columns = (subject, what) => [
    { title: subject, of: (r) => r[0] },
    ...(what ? [{ title: 'what', of: (r) => r[1].replace(/_/g, ' ') }] : []),
    { title: 'before', of: (r) => r[3], show: shown, number: true },
    { title: 'after', of: (r) => r[4], show: shown, number: true },
    { title: 'change', of: change, show: (v, r) => (r[2] ? '\u00d7 ' + v.toFixed(2) : (v > 0 ? '+' : v < 0 ? '\u2212' : '') + ks.count(Math.abs(v))), number: true },
    { title: '', of: () => '', show: (v, r) => bars(r) },
  ];
  const measures = ks.section('measures', 'Pins', 'Only what differs. Pins are told apart by their names; durations are compared as ratios.',
    ks.table('Counts, peaks, lifetimes and latencies', columns('pin', true), comparison.measures, comparison.measures.length, 'Nothing differs.'));
  const events = ks.section('events', 'Events', null,
    ks.table('Events by operation', columns('operation', false), comparison.events, comparison.events.length, 'Nothing differs.'));
  return [verdict, ks.sides(before, after), findings, measures, events];
};

/** Outstanding frames of both traces, pin by pin, on the same scale. */
ks.sides = (before, after) => {
  const tracks = [ks.tracks(before), ks.tracks(after)];
  const names = [...new Set(tracks.flat().map((track) => track.name))].slice(0, 12);
  const drawings = names.map((name) => {
    const pair = tracks.map((all) => all.filter((track) => track.name === name));
    const top = Math.max(...pair.flat().map((track) => track.top));
    const canvases = pair.map((side, i) => {
      const canvas = new ks.Canvas(`${name}, ${i ? 'after' : 'before'}: peak ${Math.max(0, ...side.map((track) => track.peak))}`);
      return { canvas, side, trace: i ? after : before, place: ks.el('div.side', {}, canvas.node) };
    });
    const draw = () => {
      const colours = ks.colours();
      for (const { canvas, side, trace, place } of canvases) {
        if (!place.clientWidth) continue;
        const pen = canvas.begin(46);
        const view = new ks.View(trace.duration);
        const scale = canvas.width / (view.to - view.from);
        const painter = {
          box: { left: 0, right: canvas.width }, view, x: (time) => (time - view.from) * scale,
          columns: ks.Timeline.prototype.columns,
        };
        const y = (value) => 44 - (value / top) * 40;
        for (const track of side) {
          ks.Timeline.prototype.charts.call(painter, pen, track.charts, top, y, 44, colours);
        }
        ks.gaps(pen, trace, view, 0, canvas.width, 0, 46, colours);
      }
    };
    ks.redraws.push(draw);
    const peak = (side) => 'peak ' + ks.count(Math.max(0, ...side.map((track) => track.peak)));
    return ks.el('tr', {}, ks.el('th', { scope: 'row' }, name),
      canvases.map(({ place, side }) => ks.el('td', {}, place, ks.el('span.note', {}, side.length ? peak(side) : 'not in it'))));
  });
  return ks.section('timeline', 'Outstanding frames', 'The same scale on both sides.',
    drawings.length
      ? ks.el('table.sides', {},
        ks.el('thead', {}, ks.el('tr', {}, ks.el('th', { scope: 'col' }, 'pin'), ks.el('th', { scope: 'col' }, 'before'), ks.el('th', { scope: 'col' }, 'after'))),
        ks.el('tbody', {}, drawings))
      : ks.el('p.empty', {}, 'No allocator was made in either trace.'));
};
