'use strict';
/* Puts the page together. */

ks.verdict = (trace) => {
  const severity = ks.severities.find((one) => trace[one]) || 'good';
  const chip = (one) => ks.el('span.chip' + (trace[one] ? '.' + one : ''), {},
    ks.sign(one, 13), ks.plural(trace[one], ks.severityWord[one]));
  return ks.el('section.verdict.' + severity, { id: 'verdict', 'aria-label': 'Verdict' },
    ks.sign(severity, 40),
    ks.el('div', {},
      ks.el('h1', {}, trace.headline),
      ks.el('p.lead', {}, trace.lead),
      ks.el('div.chips', {}, ks.severities.map(chip))));
};

ks.facts = (trace) => {
  const fact = (term, value, note) =>
    ks.el('div', {}, ks.el('dt', {}, term), ks.el('dd', {}, value), note ? ks.el('dd.note', {}, note) : null);
  const device = trace.profile || trace.device || trace.origin || 'not said';
  const by = [trace.profile || trace.device ? trace.origin : null, trace.producer && 'by ' + trace.producer].filter(Boolean).join(' ');
  const whole = trace.completeStart && trace.cleanEnd;
  const recording = whole ? 'complete'
    : [trace.completeStart ? null : 'began late', trace.cleanEnd ? null : 'cut'].filter(Boolean).join(', ');
  const lost = trace.lost ? ks.count(trace.lost) + (trace.lostUnknown ? ' or more' : '') : trace.lostUnknown ? 'unknown' : 'none';
  return ks.el('dl.facts', { 'aria-label': 'What was recorded' },
    fact('Trace', trace.name),
    fact('Device', device, by),
    fact('Duration', ks.ns(trace.duration)),
    fact('Events', ks.count(trace.events)),
    fact('Pins', ks.count(trace.pinCount)),
    fact('Allocators', ks.count(trace.allocatorCount)),
    fact('Recording', recording, trace.cleanEnd ? 'orderly end' : `live at the end: ${ks.plural(trace.liveAtEnd, 'frame')}`),
    fact('Lost events', lost, trace.gapCount ? ks.plural(trace.gapCount, 'gap') : null));
};

/** What was left out or made coarser to keep the page small. */
ks.limits = (report, trace) => {
  const parts = [];
  const widths = trace.charts.map((chart) => chart.width).filter((width) => width > 1);
  if (widths.length) {
    parts.push(`Outstanding frames are drawn in steps of up to ${ks.ns(Math.max(...widths))}, each with its least and greatest value, so that no peak is missing.`);
  }
  const left = (name, shown, all) => all > shown && parts.push(`${ks.count(shown)} of ${ks.count(all)} ${name} are drawn.`);
  left('allocators (those with findings, then the busiest)', trace.charts.length, trace.allocatorCount);
  left('marks', trace.marks.length, trace.markCount);
  left('losses', trace.gaps.length, trace.gapCount);
  left('pin states', trace.steps.length, trace.stepCount);
  if (report.reduced) parts.push('The page was made coarser to stay below 5 MB.');
  if (!parts.length) return null;
  return ks.el('p.limits', {}, ks.el('strong', {}, 'Shown in less detail than recorded. '), parts.join(' ') + ' Counts and quantiles are of all events.');
};

ks.tables = (trace, locate) => {
  const moment = (v) => ks.moment(v, 1e3, trace.duration);
  const findings = trace.groups.flatMap((group, card) => group.findings.map((finding, i) => ({ group, card, i, finding })));
  return ks.section('tables', 'Tables', null,
    findings.length ? ks.table('All findings', [
      { title: 'severity', of: (r) => ks.severityWord[r.group.severity], show: (v, r) => [ks.sign(r.group.severity, 13), ' ', v] },
      { title: 'rule', of: (r) => r.group.rule, show: (v) => ks.el('code', {}, v) },
      { title: 'seq', of: (r) => r.finding[0], number: true, show: (v, r) => ks.el('button.link', { type: 'button', onclick: () => locate(r.card, r.i) }, v) },
      { title: 'time', of: (r) => (r.finding[1] < 0 ? null : r.finding[1]), show: moment, number: true },
      { title: 'allocator', of: (r) => r.finding[2] || null, number: true },
      { title: 'what', of: (r) => r.finding[3], wide: true },
    ], findings, trace.findingCount) : null,
    ks.table('Allocators', [
      { title: '#', of: (a) => a.id, number: true },
      { title: 'pin', of: (a) => a.pin },
      { title: 'made at', of: (a) => a.from, show: moment, number: true },
      { title: 'deleted', of: (a) => (a.to < 0 ? null : a.to), show: moment, number: true },
      { title: 'Frames', of: (a) => (a.pool ? a.frames : null), show: (v) => (v ? ks.count(v) : 'no limit'), number: true },
      { title: 'peak', of: (a) => a.peak, show: (v, a) => ks.el(a.frames && v > a.frames ? 'strong.over' : 'span', {}, ks.count(v)), number: true },
      { title: 'allocates', of: (a) => a.allocates, show: ks.count, number: true },
      { title: 'failed', of: (a) => a.failed, show: ks.count, number: true },
      { title: 'frees', of: (a) => a.frees, show: ks.count, number: true },
      { title: 'not freed', of: (a) => a.unfreed, show: ks.count, number: true },
      { title: 'FrameSize', of: (a) => a.frameSize, show: ks.count, number: true },
      { title: 'FileAlignment', of: (a) => a.align ?? (a.pitch === undefined ? null : 'pitch ' + a.pitch) },
      { title: 'PoolType', of: (a) => a.pool },
    ], trace.allocators, trace.initializeCount),
    ks.table('Events by operation', [
      { title: 'operation', of: (r) => r[0] }, { title: 'events', of: (r) => r[1], show: ks.count, number: true },
    ], Object.entries(trace.ops).filter(([, n]) => n), 0),
    ks.table('What the trace says of itself', [
      { title: 'key', of: (r) => r[0], show: (v) => ks.el('code', {}, v) }, { title: 'value', of: (r) => r[1], wide: true },
    ], trace.metadata, trace.metadataCount),
    trace.notApplicable.length ? ks.table('Rules without input', [
      { title: 'rule', of: (r) => r[0], show: (v) => ks.el('code', {}, v) }, { title: 'needs', of: (r) => r[1], wide: true },
    ], trace.notApplicable, 0) : null);
};

ks.tracePage = (report, trace) => {
  const view = new ks.View(trace.duration);
  const jump = (card) => {
    const node = document.getElementById('finding-' + card);
    node.hidden = false;
    node.open();
    node.scrollIntoView({ block: 'start', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
    node.focus({ preventScroll: true });
    node.classList.remove('lit');
    requestAnimationFrame(() => node.classList.add('lit'));
  };
  const timeline = new ks.Timeline(trace, view, jump);
  const locate = (card, i) => {
    const seq = trace.groups[card].findings[i][0];
    const finding = timeline.findings.find((one) => one.card === card && one.seq === seq);
    timeline.reveal(finding);
    timeline.node.scrollIntoView({ block: 'start' });
    timeline.plot.focus({ preventScroll: true });
  };
  const frames = new ks.Frames(trace, view);
  ks.shown = { view, timeline, frames };
  return [
    ks.verdict(trace), ks.facts(trace), timeline.node, ks.limits(report, trace), ks.cards(trace, locate), frames.node,
    ks.durations(trace), ks.threads(trace), ks.tables(trace, locate)];
};

ks.start = () => {
  const report = JSON.parse(document.getElementById('data').textContent);
  const main = document.getElementById('main');
  const nav = document.getElementById('nav');
  if (!report) {
    main.replaceChildren(ks.el('p.empty', {}, 'This is the template of a report; kstrace report FILE -o FILE.html fills it.'));
    return;
  }
  const pages = report.comparisons.map((comparison) => ({
    title: report.comparisons.length > 1 ? `Before and after: ${report.traces[comparison.after].name}` : 'Before and after',
    make: () => ks.compare(report, comparison),
  })).concat(report.traces.map((trace) => ({ title: trace.name, make: () => ks.tracePage(report, trace) })));

  const tabs = ks.el('div.tabs', { role: 'tablist', 'aria-label': 'Traces' });
  const show = (i) => {
    ks.redraws.length = 0;
    ks.shown = null;
    main.replaceChildren(...(pages.length > 1 ? [tabs] : []), ...pages[i].make().filter(Boolean));
    [...tabs.children].forEach((tab, k) => {
      tab.setAttribute('aria-selected', String(k === i));
      tab.tabIndex = k === i ? 0 : -1;
    });
    nav.replaceChildren(...[...main.querySelectorAll('section[id] > .head > h2')].map((title) =>
      ks.el('a', { href: '#' + title.closest('section').id }, title.textContent)));
    document.title = pages[i].title + ' \u2013 kstrace report';
    ks.redraw();
  };
  pages.forEach((page, i) => tabs.append(ks.el('button', { type: 'button', role: 'tab', onclick: () => show(i) }, page.title)));
  tabs.addEventListener('keydown', (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const all = [...tabs.children];
    const next = (all.indexOf(document.activeElement) + by + all.length) % all.length;
    show(next);
    all[next].focus();
  });

  document.getElementById('foot').append(
    `Made by ${report.tool}. The page is complete in itself: it asks for nothing from the network.`);
  document.getElementById('theme').addEventListener('click', () => {
    ks.theme.chosen = true;
    ks.theme.set(ks.theme.current() === 'dark' ? 'light' : 'dark');
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', (event) => {
    if (!ks.theme.chosen) ks.theme.set(event.matches ? 'dark' : 'light');
  });
  let screen = 'light';
  window.addEventListener('beforeprint', () => {
    screen = ks.theme.current();
    ks.theme.set('light');
  });
  window.addEventListener('afterprint', () => ks.theme.set(screen));
  let width = 0;
  new ResizeObserver(() => {
    if (main.clientWidth === width) return;
    width = main.clientWidth;
    ks.redraw();
  }).observe(main);
  show(0);
  const wanted = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (wanted) wanted.scrollIntoView();
  ks.theme.set(ks.theme.current());
};

ks.start();
requestAnimationFrame(() => performance.mark('ready'));
