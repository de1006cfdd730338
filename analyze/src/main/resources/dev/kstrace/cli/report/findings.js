'use strict';
/* Findings: one card for each cause, with the life of its frame as a picture. */

/** The events of a story: a line per thread, equal steps from event to event, the blamed one marked. */
ks.lifeline = (group, seq) => {
  const story = group.story;
  const threads = [...new Set(story.map((event) => event.thread ?? 'unknown'))];
  const [step, high, left, top] = [108, 58, 92, 26];
  const width = left + step * story.length;
  const height = top + high * threads.length + 6;
  const place = (event, i) => [left + step * (i + 0.5), top + high * threads.indexOf(event.thread ?? 'unknown') + 14];
  const svg = ks.el('svg:svg.lifeline', {
    viewBox: `0 0 ${width} ${height}`, width, height, role: 'img',
    'aria-label': 'What happened: ' + story.map((event) => event.op + (event.seq === seq ? ' (blamed)' : '')).join(', then '),
  });
  threads.forEach((thread, i) => {
    const y = top + high * i + 14;
    svg.append(
      ks.el('svg:text.thread', { x: 0, y: y + 4 }, thread === 'unknown' ? 'thread ?' : 'thread ' + thread),
      ks.el('svg:line.lane', { x1: left - 8, x2: width, y1: y, y2: y }));
  });
  const path = story.map((event, i) => (i ? 'L' : 'M') + place(event, i).join(' ')).join('');
  svg.append(ks.el('svg:path.way', { d: path }));
  story.forEach((event, i) => {
    const [x, y] = place(event, i);
    const blamed = event.seq === seq;
    const dot = blamed
      ? ks.el('svg:path.dot.' + group.severity, { d: `M${x} ${y - 9}L${x + 9} ${y}L${x} ${y + 9}L${x - 9} ${y}Z` })
      : ks.el('svg:circle.dot', { cx: x, cy: y, r: 5.5 });
    const before = i ? event.t - story[i - 1].t : 0;
    svg.append(ks.el('svg:g', {},
      ks.el('svg:title', {}, `seq ${event.seq}: ${event.what}`),
      ks.el('svg:text.time', { x, y: 12 }, i ? '+' + ks.ns(before) : ks.moment(event.t, 1e6)),
      dot,
      ks.el(blamed ? 'svg:text.op.blamed' : 'svg:text.op', { x, y: y + 24 }, event.op),
      event.irql ? ks.el('svg:text.irql', { x, y: y + 38 }, event.irql.replace('_LEVEL', '')) : null));
  });
  return ks.el('div.scroll', { tabindex: 0, role: 'region', 'aria-label': 'Life of the frame' }, svg);
};

ks.story = (group, seq) =>
  ks.el('div.scroll', { tabindex: 0, role: 'region', 'aria-label': 'Events' },
    ks.el('table.story', {},
      ks.el('thead', {}, ks.el('tr', {},
        ['seq', 'time', 'took', 'thread', 'IRQL', 'event'].map((title, i) =>
          ks.el(i < 4 ? 'th.number' : 'th', { scope: 'col' }, title)))),
      ks.el('tbody', {}, group.story.map((event) =>
        ks.el(event.seq === seq ? 'tr.blamed' : 'tr', {},
          ks.el('td.number', {}, event.seq),
          ks.el('td.number', {}, ks.moment(event.t, 1e3, group.story[group.story.length - 1].t)),
          ks.el('td.number', {}, event.took === undefined ? '' : ks.ns(event.took)),
          ks.el('td.number', {}, event.thread ?? ''),
          ks.el('td', {}, event.irql ?? ''),
          ks.el('td.wide', {}, ks.el('code', {}, event.what)))))));

/** A card; what it says in full is made when it is opened. */
ks.card = (group, index, locate, open) => {
  const [seq, , , message] = group.findings[0];
  const place = ks.el('button.quiet', { type: 'button', onclick: () => locate(index, 0) }, 'Show on the timeline');
  const more = ks.el('details.more', { open }, ks.el('summary', {}, 'What happened, and what to do'));
  const fill = () => {
    if (more.open && more.children.length === 1) more.append(...ks.cardBody(group, index, locate));
  };
  more.addEventListener('toggle', fill);
  fill();
  const node = ks.el('article.card.' + group.severity,
    { id: 'finding-' + index, tabindex: -1, 'aria-labelledby': `finding-${index}-title` },
    ks.el('header', {},
      ks.sign(group.severity, 18),
      ks.el('h3', { id: `finding-${index}-title` }, group.rule),
      ks.el('span.tag', {}, ks.severityWord[group.severity]),
      group.count > 1 ? ks.el('span.tag', {}, ks.plural(group.count, 'finding')) : null,
      group.pin ? ks.el('span.tag', {}, group.pin) : null,
      group.certain ? null : ks.el('span.tag', { title: 'Lost events or a missing start may explain it' }, 'possible'),
      group.findings[0][1] >= 0 ? place : null),
    ks.el('p.message', {}, ks.el('span.seq', {}, 'seq ' + seq), message),
    more);
  node.open = () => (more.open = true);
  return node;
};

/** All that a card says when it is open. */
ks.cardBody = (group, index, locate) => {
  const seq = group.findings[0][0];
  const others = group.findings.slice(1);
  const left = group.count - group.findings.length;
  const fact = (term, ...value) => [ks.el('dt', {}, term), ks.el('dd', {}, value)];
  return [
    group.story.length > 1 ? ks.lifeline(group, seq) : null,
    ks.el('div.columns', {},
      ks.el('dl', {},
        fact('What to do', group.advice),
        fact('Why', group.why),
        group.mark ? fact('During', group.mark) : null,
        group.pin ? fact('Pin', group.pin) : null,
        group.framing ? fact('In force', group.framing) : null,
        fact('Contract', group.page
          ? ks.el('a', { href: group.page, rel: 'noreferrer noopener', target: '_blank' }, group.source)
          : group.source),
        others.length ? fact('Also at', ks.el('span.also', {},
          others.slice(0, 24).map((other, i) => ks.el('button.link', {
            type: 'button', title: other[3], onclick: () => locate(index, i + 1),
          }, 'seq ' + other[0])),
          others.length > 24 || left > 0
            ? ks.el('span', {}, `and ${ks.count(group.count - 1 - Math.min(24, others.length))} more`) : null)) : null,
        fact('Fingerprint', ks.el('code', {}, group.fingerprint))),
      ks.el('div.commands', {},
        ks.copyable('The whole story', group.explain),
        ks.copyable('Ask the trace', group.query),
        group.replay ? ks.copyable('Drive the allocator through the same calls', group.replay) : null,
        group.minimize ? ks.copyable('Make the trace small', group.minimize) : null)),
    ks.el('details', {},
      ks.el('summary', {}, ks.plural(group.story.length, 'event') + ' in words'),
      ks.story(group, seq))].filter(Boolean);
};

/** The section of all cards, with a filter by severity. */
ks.cards = (trace, locate) => {
  if (!trace.groups.length) {
    return ks.section('findings', 'Findings', null,
      ks.el('p.empty', {}, ks.sign('good', 18),
        ` No rule objects to anything in this trace. ${ks.plural(trace.notApplicable.length, 'rule')} had no input to judge; they are named at the end.`));
  }
  const cards = trace.groups.map((group, i) => ks.card(group, i, locate, i < 3));
  const chosen = new Set(ks.severities);
  const buttons = ks.severities.filter((severity) => trace[severity]).map((severity) => {
    const button = ks.el('button.filter', { type: 'button', 'aria-pressed': 'true' },
      ks.sign(severity, 13), ' ' + ks.plural(trace[severity], ks.severityWord[severity]));
    button.addEventListener('click', () => {
      if (!chosen.delete(severity)) chosen.add(severity);
      button.setAttribute('aria-pressed', String(chosen.has(severity)));
      show();
      ks.say(cards.filter((card) => !card.hidden).length + ' cards shown');
    });
    return button;
  });
  const few = 12;
  let all = cards.length <= few + 2;
  const rest = ks.el('button.quiet', {
    type: 'button', onclick: () => {
      all = true;
      show();
    },
  });
  function show() {
    let count = 0;
    cards.forEach((card, i) => {
      card.hidden = !chosen.has(trace.groups[i].severity) || (!all && count >= few);
      count += chosen.has(trace.groups[i].severity) ? 1 : 0;
    });
    rest.hidden = all || count <= few;
    rest.textContent = `Show all ${count} groups`;
  }
  show();
  const left = trace.groupCount - trace.groups.length;
  return ks.section('findings', 'Findings',
    'Grouped by cause, the gravest first; the first of each group is told in full.',
    buttons.length > 1 ? ks.el('div.filters', { role: 'group', 'aria-label': 'Severities shown' }, buttons) : null,
    cards, rest,
    left > 0 ? ks.el('p.note', {}, `${ks.plural(left, 'more group')} are not on this page; kstrace check names all.`) : null);
};
