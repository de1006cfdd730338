'use strict';
/* Outstanding frames over time: a track per pin, its limit, its states, and the findings on it. */

ks.STATES = ['STOP', 'ACQUIRE', 'PAUSE', 'RUN'];

/** The points of a drawing with times in ns: t, v (at the end of a stretch), lo, hi. */
ks.series = (chart) => {
  const t = new Float64Array(chart.t.length);
  let sum = 0;
  chart.t.forEach((difference, i) => {
    sum += difference;
    t[i] = sum * chart.width;
  });
  return { t, v: chart.v, lo: chart.lo || chart.v, hi: chart.hi || chart.v };
};

/** Index of the last of some ascending times that is not after a moment; -1 = all are. */
ks.before = (times, moment) => {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= moment) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

/**
 * Least and greatest value in every column of a drawing that a stretch of time reaches, in one walk over
 * points and columns; the first of these columns is number first.
 */
ks.columns = (points, width, from, to, view, count) => {
  const scale = count / (view.to - view.from);
  const column = (time) => Math.max(0, Math.min(count - 1, Math.floor((time - view.from) * scale)));
  let i = Math.max(0, ks.before(points.t, view.from));
  let [time, value] = i > 0 ? [points.t[i - 1], points.v[i - 1]] : [from, 0];
  const first = column(Math.min(from, points.t.length ? points.t[0] : from));
  const size = column(to) - first + 1;
  const lo = new Float32Array(size).fill(Infinity);
  const hi = new Float32Array(size).fill(-Infinity);
  const put = (start, end, least, greatest) => {
    if (end < view.from || start > view.to) return;
    for (let c = column(start) - first, last = column(end) - first; c <= last; c++) {
      if (least < lo[c]) lo[c] = least;
      if (greatest > hi[c]) hi[c] = greatest;
    }
  };
  for (; i < points.t.length && time <= view.to; i++) {
    put(time, points.t[i], value, value);
    const end = Math.min(points.t[i] + width - 1, to);
    put(points.t[i], end, points.lo[i], points.hi[i]);
    [time, value] = [Math.max(points.t[i], end), points.v[i]];
  }
  if (time <= to) put(time, to, value, value);
  return { first, lo, hi };
};

/** Pixels of a picture of columns: what a canvas takes several times as long for, call by call. */
ks.Strip = class {
  constructor(width, height) {
    this.image = new ImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.canvas = document.createElement('canvas');
    [this.canvas.width, this.canvas.height] = [this.image.width, this.image.height];
  }

  /** An empty picture of that size: this one again, if it has that size. */
  static of(last, width, height) {
    if (!last || last.image.width !== width || last.image.height !== height) return new ks.Strip(width, height);
    last.pixels.fill(0);
    return last;
  }

  /** Paints rows of a column; what is outside is left out. */
  paint(column, from, to, colour) {
    const { width, height } = this.image;
    for (let row = Math.max(0, from), end = Math.min(height, to); row < end; row++) {
      this.pixels[row * width + column] = colour;
    }
  }

  /** Puts the picture onto a canvas, over what is there. */
  put(pen, x, y, width, height) {
    this.canvas.getContext('2d', { willReadFrequently: true }).putImageData(this.image, 0, 0);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(this.canvas, x, y, width, height);
  }
};

/** A colour of the style sheet, #rrggbb, as a pixel; bytes are in the order of every machine with a browser. */
ks.pixel = (colour) => {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
};

/** Tracks: allocators of one pin, one after the other; those that live at once are one below the other. */
ks.tracks = (trace) => {
  const byPin = new Map();
  for (const chart of trace.charts) {
    chart.end = chart.to < 0 ? trace.duration : chart.to;
    chart.points = ks.series(chart);
    const rows = byPin.get(chart.pin) || byPin.set(chart.pin, []).get(chart.pin);
    let row = rows.find((track) => track.charts[track.charts.length - 1].end <= chart.from);
    if (!row) rows.push((row = { name: chart.pin, charts: [], pins: new Set(), findings: [] }));
    row.charts.push(chart);
    if (chart.pinId) row.pins.add(chart.pinId);
    chart.track = row;
  }
  const steps = new Map();
  for (const step of trace.steps) (steps.get(step[0]) || steps.set(step[0], []).get(step[0])).push(step);
  const tracks = [...byPin.values()].flat();
  for (const track of tracks) {
    track.peak = Math.max(...track.charts.map((chart) => chart.peak));
    track.limit = Math.max(...track.charts.map((chart) => chart.frames));
    track.over = track.charts.some((chart) => chart.frames && chart.peak > chart.frames);
    const reach = track.limit <= 4 * Math.max(track.peak, 4) ? Math.max(track.limit, track.peak) : track.peak;
    track.top = Math.max(1, reach) * 1.15;
    track.states = ks.states(trace, track, steps);
    track.changes = track.states.map(([from]) => from);
  }
  return tracks;
};

/** The states of a track's pins: [from, to, state]. */
ks.states = (trace, track, steps) => {
  const states = [];
  for (const [id, , created, closed, seen] of trace.pins) {
    if (!track.pins.has(id)) continue;
    let open = [created, null, seen ? 0 : -1]; // a pin begins in STOP, if its begin was seen
    for (const [, time, state] of steps.get(id) || []) {
      open[1] = time;
      states.push(open);
      open = [time, null, state];
    }
    open[1] = closed < 0 ? trace.duration : closed;
    states.push(open);
  }
  return states.filter(([from, to, state]) => to >= from && state >= 0).sort((a, b) => a[0] - b[0]);
};

/** All findings of a trace in order of time, with the place of their card. */
ks.findings = (trace) => {
  const all = [];
  trace.groups.forEach((group, card) => {
    for (const [seq, time, allocator, message] of group.findings) {
      all.push({ seq, time, allocator, message, card, rule: group.rule, severity: group.severity, certain: group.certain });
    }
  });
  return all.sort((a, b) => a.time - b.time);
};

ks.Timeline = class {
  constructor(trace, view, jump) {
    this.trace = trace;
    this.view = view;
    this.jump = jump;
    this.tracks = ks.tracks(trace);
    this.findings = ks.findings(trace);
    const chartOf = new Map(trace.charts.map((chart) => [chart.id, chart]));
    this.loose = [];
    for (const finding of this.findings) {
      const chart = chartOf.get(finding.allocator);
      finding.chart = chart;
      if (finding.time < 0) continue;
      if (chart) chart.track.findings.push(finding);
      else this.loose.push(finding);
    }
    const weight = (track) => track.findings.length * 1e9 + track.charts.reduce((sum, c) => sum + c.t.length, 0);
    this.few = [...this.tracks].sort((a, b) => weight(b) - weight(a)).slice(0, 8);
    this.everything = this.tracks.length <= 8;
    this.at = -1;
    this.hits = [];
    this.build();
  }

  build() {
    const label =
      'Outstanding frames over time of ' + ks.plural(this.tracks.length, 'pin') +
      '; the table of allocators below has the numbers';
    this.canvas = new ks.Canvas(label);
    this.over = new ks.Canvas();
    this.map = new ks.Canvas('The whole time of the trace; the part that is shown is marked');
    this.plot = ks.el('div.plot', {
      tabindex: 0, role: 'group', 'aria-label': 'Timeline', 'aria-describedby': 'timeline-keys',
    }, this.canvas.node, this.over.node);
    this.mini = ks.el('div.minimap', {}, this.map.node);
    const button = (text, name, action) =>
      ks.el('button.quiet', { type: 'button', 'aria-label': name, title: name, onclick: action }, text);
    this.rest = button('', 'Show all pins', () => {
      this.everything = !this.everything;
      this.draw();
    });
    this.span = ks.el('span.span');
    const tools = ks.el('div.tools', {},
      this.span,
      ks.el('div.buttons', {},
        button('\u2190', 'Previous finding', () => this.step(-1)),
        button('\u2192', 'Next finding', () => this.step(1)),
        button('+', 'Zoom in', () => this.view.zoom(0.5)),
        button('\u2212', 'Zoom out', () => this.view.zoom(2)),
        button('Whole', 'Show the whole trace', () => this.view.reset())));
    const keys = ks.el('p.note.keys', { id: 'timeline-keys' },
      'Drag to zoom in, double-click for the whole. With the chart selected: wheel or + \u2212 zoom, arrows move, ' +
      'N and P go from finding to finding, Enter opens its card.');
    this.node = ks.section('timeline', 'Outstanding frames', null, tools, this.mini, this.plot,
      ks.el('div.tools', {}, this.legend(), this.rest), keys);
    ks.steer(this.plot, this.view, () => this.box, (x, y, e) => this.hover(x, y, e), (x, y) => this.click(x, y));
    this.plot.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'n' || event.key === 'N') this.step(1);
      else if (event.key === 'p' || event.key === 'P') this.step(-1);
      else if (event.key === 'Enter' && this.at >= 0) this.jump(this.findings[this.at].card);
    });
    this.steerMap();
    this.box = { left: 0, right: 1 };
    this.view.onchange(ks.whileSeen(this.plot, () => this.draw()));
    this.view.onpoint(() => this.cursor());
    ks.redraws.push(() => {
      this.whole = null;
      this.draw();
    });
  }

  legend() {
    const item = (kind, text) => ks.el('span.key', {}, ks.el('span.swatch.' + kind, { 'aria-hidden': 'true' }), text);
    const parts = [item('live', 'outstanding'), item('limit', 'Frames limit')];
    if (this.trace.steps.length) parts.push(...ks.STATES.map((name, i) => item('state' + i, name)));
    if (this.trace.gaps.length) parts.push(item('lost', 'events lost'));
    else if (!this.trace.completeStart || !this.trace.cleanEnd) parts.push(item('lost', 'not recorded'));
    if (this.trace.marks.length) parts.push(item('flag', 'mark'));
    return ks.el('div.legend', {}, parts);
  }

  steerMap() {
    let held = false;
    const move = (event) => {
      const rect = this.mini.getBoundingClientRect();
      const share = (event.clientX - rect.left - this.box.left) / (this.box.right - this.box.left);
      const [from, to] = this.view.home;
      const middle = from + share * (to - from);
      const half = (this.view.to - this.view.from) / 2;
      this.view.show(middle - half, middle + half);
    };
    this.mini.addEventListener('pointerdown', (event) => {
      held = true;
      this.mini.setPointerCapture(event.pointerId);
      if (this.view.isWhole) this.view.zoom(0.25);
      move(event);
    });
    this.mini.addEventListener('pointermove', (event) => held && move(event));
    this.mini.addEventListener('pointerup', () => (held = false));
  }

  /** Goes to another finding in order of time. */
  step(by) {
    const placed = this.findings.filter((finding) => finding.time >= 0);
    if (!placed.length) {
      ks.say('There are no findings');
      return;
    }
    const now = this.at < 0 ? (by > 0 ? -1 : 0) : placed.indexOf(this.findings[this.at]);
    const next = placed[(now + by + placed.length) % placed.length];
    this.at = this.findings.indexOf(next);
    this.reveal(next);
    ks.say(`Finding ${placed.indexOf(next) + 1} of ${placed.length}: ${next.rule}, at ${ks.moment(next.time, 1e6)}, ${next.message}`);
  }

  reveal(finding) {
    if (finding.time < 0) return;
    this.at = this.findings.indexOf(finding);
    if (finding.chart && !this.few.includes(finding.chart.track)) this.everything = true;
    this.view.reveal(finding.time);
    this.draw();
  }

  shown() {
    return this.everything ? this.tracks : this.tracks.filter((track) => this.few.includes(track));
  }

  // Drawing.

  draw() {
    if (!this.plot.isConnected || !this.plot.clientWidth) return;
    const colours = ks.colours();
    const narrow = this.plot.clientWidth < 640;
    const lane = this.trace.marks.length || this.loose.length ? 24 : 4;
    const head = 22 + lane;
    const [high, gap] = [narrow ? 74 : 62, 22];
    const tracks = this.shown();
    const height = head + tracks.length * (high + gap) + 62;
    const pen = this.canvas.begin(height);
    const width = this.canvas.width;
    this.box = { left: narrow ? 2 : 168, right: width - (narrow ? 2 : 76) };
    this.scale = (this.box.right - this.box.left) / (this.view.to - this.view.from);
    this.hits = [];
    ks.axis(pen, this.view, this.box.left, this.box.right, 22, height - 4, colours, 10);
    tracks.forEach((track, i) => {
      track.y = head + i * (high + gap);
      this.track(pen, track, track.y, high, narrow, colours);
    });
    this.rates(pen, height - 58, 50, narrow, colours);
    ks.gaps(pen, this.trace, this.view, this.box.left, this.box.right, 22, height - 4, colours);
    this.flags(pen, 34, height - 4, colours);
    tracks.forEach((track) => this.markers(pen, track, colours));
    this.cursor();
    this.minimap(colours);
    this.words();
  }

  words() {
    const { from, to } = this.view;
    this.span.textContent = this.view.isWhole
      ? 'The whole trace, ' + ks.ns(this.trace.duration)
      : `${ks.moment(Math.max(0, from), (to - from) / 100, to)} to ${ks.moment(to, (to - from) / 100)}, ${ks.ns(to - from)} of ${ks.ns(this.trace.duration)}`;
    this.rest.hidden = this.tracks.length <= 8;
    this.rest.textContent = this.everything ? 'Show fewer pins' : `Show all ${this.tracks.length} pins`;
  }

  x(time) {
    return this.box.left + (time - this.view.from) * this.scale;
  }

  track(pen, track, top, high, narrow, colours) {
    const band = track.states.length ? 9 : 0;
    const base = top + high - band - 3;
    const room = base - top - (narrow ? 18 : 2);
    const y = (value) => base - (value / track.top) * room;
    track.level = y;
    this.title(pen, track, top, narrow, colours);
    const { left, right } = this.box;
    pen.save();
    pen.beginPath();
    pen.rect(left, top - 4, right - left, high + 8);
    pen.clip();
    this.charts(pen, track.charts, track.top, y, base, colours);
    pen.strokeStyle = colours.soft;
    pen.lineWidth = 1;
    pen.globalAlpha = 0.5;
    pen.beginPath();
    pen.moveTo(left, base + 0.5);
    pen.lineTo(right, base + 0.5);
    pen.stroke();
    pen.globalAlpha = 1;
    this.band(pen, track, base + 3, band, colours);
    pen.restore();
  }

  title(pen, track, top, narrow, colours) {
    const over = track.over;
    const limit = track.limit ? ` of ${ks.count(track.limit)}` : ', no limit';
    const second = `peak ${ks.count(track.peak)}${limit}`;
    pen.textAlign = 'left';
    pen.fillStyle = colours.ink;
    const bold = '600 13px ' + colours.font;
    const plain = pen.font;
    pen.font = bold;
    const room = narrow ? this.box.right - 150 : 150;
    let name = track.name;
    while (name.length > 4 && pen.measureText(name).width > room) name = name.slice(0, -2).replace(/\u2026?$/, '\u2026');
    pen.fillText(name, narrow ? this.box.left : 0, top + (narrow ? 5 : 10));
    const used = pen.measureText(name).width;
    pen.font = plain;
    pen.fillStyle = over ? colours.error : colours.soft;
    if (narrow) {
      pen.fillText(second, this.box.left + used + 10, top + 5);
      return;
    }
    pen.fillText(second, 0, top + 28);
    pen.fillStyle = colours.soft;
    if (track.charts.length > 1) pen.fillText(ks.plural(track.charts.length, 'allocator'), 0, top + 45);
  }

  /** The charts of a track, which follow each other. */
  charts(pen, charts, reach, y, base, colours) {
    const { left, right } = this.box;
    const ratio = Math.min(3, window.devicePixelRatio || 1);
    const count = Math.max(1, Math.round((right - left) * ratio));
    const top = Math.floor(y(reach));
    const strip = (this.strip = ks.Strip.of(this.strip, count, Math.max(1, Math.round((base - top) * ratio))));
    const seen = charts.filter((chart) => chart.end >= this.view.from && chart.from <= this.view.to);
    const row = (value) => Math.round((y(value) - top) * ratio);
    for (const chart of seen) this.columns(strip, chart, row, ratio, colours);
    strip.put(pen, left, top, right - left, base - top);
    pen.strokeStyle = colours.limit;
    pen.lineWidth = 1.2;
    pen.setLineDash([5, 4]);
    pen.beginPath();
    for (const chart of seen) {
      if (!chart.frames || chart.frames > reach) continue;
      const level = Math.round(y(chart.frames)) - 2.5; // above the frames that reach it
      pen.moveTo(this.x(chart.from), level);
      pen.lineTo(this.x(chart.end), level);
    }
    pen.stroke();
    pen.setLineDash([]);
  }

  /** One chart: from zero to the least of a column, on to the greatest, what is above the limit, and a line. */
  columns(strip, chart, row, ratio, colours) {
    const { width, height } = strip.image;
    const { first, lo, hi } = ks.columns(chart.points, chart.width, chart.from, chart.end, this.view, width);
    const [fill, band, error, blue] = [colours.fill, colours.band, colours.error, colours.blue].map(ks.pixel);
    const thick = Math.max(1, Math.round(1.4 * ratio));
    const limit = row(chart.frames);
    let before = null;
    for (let i = 0; i < hi.length; i++) {
      if (hi[i] < 0) {
        before = null;
        continue;
      }
      const [low, high] = [row(lo[i]), row(hi[i])];
      strip.paint(first + i, low, height, fill);
      strip.paint(first + i, high, low, band);
      if (chart.frames && hi[i] > chart.frames) strip.paint(first + i, high, limit, error);
      strip.paint(first + i, Math.min(high, before ?? high), Math.max(high, before ?? high) + thick, blue);
      before = high;
    }
  }

  band(pen, track, top, high, colours) {
    const { left, right } = this.box;
    pen.textAlign = 'left';
    let drawn = left;
    for (const [from, to, state] of track.states) {
      if (to < this.view.from || from > this.view.to) continue;
      const x0 = Math.max(left, this.x(from));
      const x1 = Math.min(right, this.x(to));
      if (x1 < drawn + 0.5 && x1 - x0 < 0.5) continue; // thinner than a pixel that is painted already
      pen.fillStyle = colours['state' + state] || colours.state0;
      pen.fillRect(x0, top, Math.max(0.5, x1 - x0), high);
      drawn = x1;
    }
  }

  rates(pen, top, high, narrow, colours) {
    const rates = this.trace.rates;
    const [up, down] = [rates.allocate, rates.free];
    const count = Math.max(up.length, down.length);
    const { left, right } = this.box;
    const base = top + high / 2;
    const from = Math.max(0, Math.floor(this.view.from / rates.width));
    const to = Math.min(count, Math.ceil(this.view.to / rates.width));
    let most = 1;
    for (let i = from; i < to; i++) most = Math.max(most, up[i] || 0, down[i] || 0);
    const size = (n) => ((n || 0) / most) * (high / 2 - 2);
    pen.textAlign = 'left';
    pen.fillStyle = colours.ink;
    const plain = pen.font;
    pen.font = '600 13px ' + colours.font;
    if (!narrow) pen.fillText('Calls per second', 0, top + 10);
    pen.font = plain;
    pen.fillStyle = colours.soft;
    if (!narrow) {
      pen.fillText(`allocate up, free down`, 0, top + 28);
      pen.fillText(`most ${ks.count((most / rates.width) * 1e9)}/s`, 0, top + 45);
    }
    pen.save();
    pen.beginPath();
    pen.rect(left, top, right - left, high);
    pen.clip();
    const wide = rates.width * this.scale;
    const thick = Math.max(0.6, wide - (wide > 4 ? 1 : 0));
    const bars = (counts, colour, top) => {
      pen.fillStyle = colour;
      for (let i = from; i < to; i++) {
        const long = size(counts[i]);
        if (long) pen.fillRect(this.x(i * rates.width), top(long), thick, long);
      }
    };
    bars(up, colours.blue, (long) => base - long);
    bars(down, colours.sky, () => base + 1);
    pen.restore();
    pen.fillStyle = colours.soft;
    pen.fillRect(left, base, right - left, 1);
    this.ratesAt = { top, high, base };
  }

  flags(pen, y, bottom, colours) {
    const { left, right } = this.box;
    let free = left;
    pen.textAlign = 'left';
    for (const [time, text] of this.trace.marks) {
      const x = this.x(time);
      if (x < left || x > right) continue;
      pen.fillStyle = colours.soft;
      pen.fillRect(Math.round(x), y - 8, 1, x >= free ? bottom - y + 8 : 14);
      if (x < free) continue;
      pen.beginPath();
      pen.moveTo(x, y - 8);
      pen.lineTo(x + 9, y - 4.5);
      pen.lineTo(x, y - 1);
      pen.fill();
      const room = Math.min(160, right - x - 14);
      let words = text;
      while (words.length > 3 && pen.measureText(words).width > room) words = words.slice(0, -2).replace(/\u2026?$/, '\u2026');
      if (room > 24) pen.fillText(words, x + 12, y - 4);
      free = x + (room > 24 ? pen.measureText(words).width + 22 : 12);
      this.hits.push({ x: x + 4, y: y - 4, mark: text, time });
    }
    this.cluster(pen, this.loose, () => y - 4, colours);
  }

  markers(pen, track, colours) {
    const level = (finding) => {
      const points = finding.chart.points;
      const i = ks.before(points.t, finding.time);
      return track.level(i < 0 ? 0 : Math.max(points.hi[i], 0));
    };
    this.cluster(pen, track.findings, level, colours);
    for (const chart of track.charts) {
      if (chart.crossing === undefined || track.findings.some((f) => f.seq === chart.crossingSeq)) continue;
      const x = this.x(chart.crossing);
      if (x < this.box.left || x > this.box.right) continue;
      const y = track.level(chart.frames);
      pen.strokeStyle = colours.error;
      pen.lineWidth = 1.6;
      pen.beginPath();
      pen.arc(x, y, 4.5, 0, 7);
      pen.stroke();
      this.hits.push({ x, y, crossing: chart });
    }
  }

  /** Findings as signs; those too near to each other are one with their number. */
  cluster(pen, findings, level, colours) {
    const { left, right } = this.box;
    const near = findings.length > 40 ? 22 : 12;
    const groups = [];
    for (const finding of findings) {
      const x = this.x(finding.time);
      if (x < left - 1 || x > right + 1) continue;
      const last = groups[groups.length - 1];
      if (last && x - last.x < near) {
        last.all.push(finding);
        if (ks.severities.indexOf(finding.severity) < ks.severities.indexOf(last.worst)) {
          Object.assign(last, { worst: finding.severity, first: finding, x, y: level(finding) });
        }
      } else {
        groups.push({ x, y: level(finding), all: [finding], first: finding, worst: finding.severity });
      }
    }
    const sizes = { error: 6.5, warning: 5.5, info: 4 };
    groups.sort((a, b) => ks.severities.indexOf(b.worst) - ks.severities.indexOf(a.worst)); // the worst on top
    for (const group of groups) {
      const chosen = this.at >= 0 && group.all.includes(this.findings[this.at]);
      this.sign(pen, group.x, group.y, group.worst, sizes[group.worst] + (chosen ? 2.5 : 0), colours);
      if (group.all.length > 1 && (groups.length < 12 || group.worst === 'error')) {
        this.outlined(pen, '\u00d7' + ks.count(group.all.length), group.x + 9, group.y - 1, colours);
      }
      this.hits.push({ x: group.x, y: group.y, findings: [group.first, ...group.all.filter((f) => f !== group.first)] });
    }
  }

  /** A short text that can be read on whatever is below it. */
  outlined(pen, text, x, y, colours) {
    pen.textAlign = 'left';
    pen.lineWidth = 3;
    pen.lineJoin = 'round';
    pen.strokeStyle = colours.panel;
    pen.strokeText(text, x, y);
    pen.fillStyle = colours.ink;
    pen.fillText(text, x, y);
  }

  sign(pen, x, y, severity, size, colours) {
    pen.beginPath();
    if (severity === 'error') {
      pen.moveTo(x, y - size);
      pen.lineTo(x + size, y);
      pen.lineTo(x, y + size);
      pen.lineTo(x - size, y);
    } else if (severity === 'warning') {
      pen.moveTo(x, y - size);
      pen.lineTo(x + size, y + size * 0.8);
      pen.lineTo(x - size, y + size * 0.8);
    } else {
      pen.arc(x, y, size * 0.85, 0, 7);
    }
    pen.closePath();
    pen.lineWidth = 3.5;
    pen.lineJoin = 'round';
    pen.strokeStyle = colours.panel;
    pen.stroke();
    pen.fillStyle = colours[severity];
    pen.fill();
  }

  /** The cursor and what is told of its moment, on a canvas of its own: it moves more often than the rest. */
  cursor() {
    if (!this.plot.isConnected || !this.ratesAt) return;
    const height = this.canvas.height;
    const narrow = this.canvas.width < 640;
    const tracks = this.shown();
    const colours = ks.colours();
    const pen = this.over.begin(height);
    const time = this.view.cursor;
    if (time === null || time < this.view.from || time > this.view.to) return;
    const x = Math.round(this.x(time)) + 0.5;
    pen.strokeStyle = colours.ink;
    pen.globalAlpha = 0.55;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x, 20);
    pen.lineTo(x, height - 4);
    pen.stroke();
    pen.globalAlpha = 1;
    const chip = (text, at, y, strong) => {
      const width = pen.measureText(text).width + 12;
      const to = Math.max(0, Math.min(this.canvas.width - width, at));
      pen.fillStyle = strong ? colours.ink : colours.panel;
      pen.fillRect(to, y - 9, width, 18);
      pen.fillStyle = strong ? colours.panel : colours.ink;
      pen.textAlign = 'left';
      pen.fillText(text, to + 6, y + 0.5);
    };
    const text = ks.moment(Math.max(0, time), (this.view.to - this.view.from) / 500, this.view.to);
    chip(text, x - pen.measureText(text).width / 2 - 6, 10, true);
    for (const track of tracks) {
      const value = this.valueAt(track, time);
      if (value === null) continue;
      chip(value, narrow ? this.box.right - pen.measureText(value).width - 12 : this.box.right + 6, track.y + (narrow ? 5 : 12), false);
    }
    if (!narrow) {
      for (const track of tracks) {
        const state = track.states[ks.before(track.changes, time)];
        const y = track.y + 32;
        if (state && time <= state[1]) chip(ks.STATES[state[2]] || `state ${state[2]}`, this.box.right + 6, y, false);
      }
    }
    const rates = this.trace.rates;
    const bin = Math.floor(time / rates.width);
    const rate = ((rates.allocate[bin] || 0) / rates.width) * 1e9;
    if (!narrow) chip(ks.count(rate) + '/s', this.box.right + 6, this.ratesAt.top + 12, false);
  }

  /** What a track shows at a moment, in words; null = it has no allocator then. */
  valueAt(track, time) {
    const chart = track.charts.find((one) => one.from <= time && time <= one.end);
    if (!chart) return null;
    const i = ks.before(chart.points.t, time);
    const inside = i >= 0 && time < chart.points.t[i] + chart.width;
    const value = i < 0 ? '0'
      : inside && chart.points.lo[i] !== chart.points.hi[i] ? `${chart.points.lo[i]}\u2013${chart.points.hi[i]}`
        : String(chart.points.v[i]);
    return chart.frames ? `${value} of ${ks.count(chart.frames)}` : value;
  }

  minimap(colours) {
    const high = 30;
    const pen = this.map.begin(high);
    const { left, right } = this.box;
    const [from, to] = this.view.home;
    const scale = (right - left) / (to - from);
    const x = (time) => left + (time - from) * scale;
    if (!this.whole) {
      this.wholeTrace(pen, high, x, colours);
      this.whole = document.createElement('canvas');
      [this.whole.width, this.whole.height] = [this.map.node.width, this.map.node.height];
      this.whole.getContext('2d').drawImage(this.map.node, 0, 0);
    } else {
      pen.drawImage(this.whole, 0, 0, this.map.width, high);
    }
    const [x0, x1] = [x(this.view.from), x(this.view.to)];
    pen.fillStyle = colours.panel;
    pen.globalAlpha = 0.7;
    pen.fillRect(left, 0, x0 - left, high);
    pen.fillRect(x1, 0, right - x1, high);
    pen.globalAlpha = 1;
    pen.strokeStyle = colours.blue;
    pen.lineWidth = 2;
    pen.strokeRect(x0 + 1, 1, Math.max(3, x1 - x0 - 2), high - 2);
  }

  /** What the minimap shows whatever the window is; drawn once, then kept as a picture. */
  wholeTrace(pen, high, x, colours) {
    const { left, right } = this.box;
    const [from, to] = this.view.home;
    const rates = this.trace.rates;
    const most = rates.allocate.reduce((a, b) => Math.max(a, b), 1);
    pen.fillStyle = colours.line;
    pen.fillRect(left, 0, right - left, high);
    pen.fillStyle = colours.grey;
    pen.globalAlpha = 0.6;
    rates.allocate.forEach((n, i) => {
      const size = Math.sqrt(n / most) * (high - 6);
      pen.fillRect(x(i * rates.width), high - size, Math.max(0.6, x((i + 1) * rates.width) - x(i * rates.width)), size);
    });
    pen.globalAlpha = 1;
    ks.gaps(pen, this.trace, { from, to }, left, right, 0, high, colours);
    for (const finding of this.findings) {
      if (finding.time < 0) continue;
      pen.fillStyle = colours[finding.severity];
      pen.fillRect(x(finding.time) - 1, 0, 2, 9);
    }
  }

  // Pointing.

  hit(x, y) {
    let best = null;
    for (const hit of this.hits) {
      const distance = Math.hypot(hit.x - x, hit.y - y);
      if (distance < 14 && (!best || distance < best.distance)) best = { ...hit, distance };
    }
    return best;
  }

  gapAt(x) {
    return this.trace.gaps.find(([from, to]) => this.x(from) - 1 <= x && x <= Math.max(this.x(to), this.x(from) + 3));
  }

  hover(x, y, event) {
    const hit = x === null ? null : this.hit(x, y);
    this.plot.classList.toggle('pointing', Boolean(hit && hit.findings));
    const gap = hit || x === null ? null : this.gapAt(x);
    if (gap) {
      const [from, to, count, cause, seq] = gap;
      ks.tip.show(event.clientX, event.clientY, [
        count === null ? 'an unknown number of events lost' : ks.plural(count, 'event') + ' lost',
        cause, `${ks.moment(from, 1e3)} to ${ks.moment(to, 1e3)}, before seq ${seq}`]);
    } else if (!hit) {
      ks.tip.hide();
    } else if (hit.findings) {
      const first = hit.findings[0];
      const lines = [
        `${ks.severityWord[first.severity]}: ${first.rule}${first.certain ? '' : ' (possible)'}`,
        `seq ${first.seq}, ${ks.moment(first.time, 1e3)}`,
        first.message,
      ];
      if (hit.findings.length > 1) lines.push(`and ${ks.count(hit.findings.length - 1)} more here: zoom in to tell them apart`);
      ks.tip.show(event.clientX, event.clientY, lines);
    } else if (hit.crossing) {
      ks.tip.show(event.clientX, event.clientY, [
        'first above its limit', `seq ${hit.crossing.crossingSeq}, ${ks.moment(hit.crossing.crossing, 1e3)}`,
      ]);
    } else {
      ks.tip.show(event.clientX, event.clientY, [hit.mark, ks.moment(hit.time, 1e3)]);
    }
  }

  click(x, y) {
    const hit = this.hit(x, y);
    if (!hit || !hit.findings) return;
    ks.tip.hide();
    this.at = this.findings.indexOf(hit.findings[0]);
    this.jump(hit.findings[0].card);
  }
};
