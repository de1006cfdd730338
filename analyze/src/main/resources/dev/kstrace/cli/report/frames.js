'use strict';
/* The slots of one allocator: who held which address when, and where the addresses lie. */

ks.Frames = class {
  constructor(trace, view) {
    this.trace = trace;
    this.view = view;
    this.names = new Map(trace.allocators.concat(trace.charts).map((a) => [a.id, `#${a.id} on ${a.pin}`]));
    this.frameSizes = new Map(trace.allocators.map((a) => [a.id, a]));
    for (const table of trace.slots) {
      for (const slot of table.slots) this.decode(slot);
    }
    this.canvas = new ks.Canvas('Frames by slot and time; the table of slots below has the numbers');
    this.over = new ks.Canvas();
    this.plot = ks.el('div.plot', { tabindex: 0, role: 'group', 'aria-label': 'Frames by slot' }, this.canvas.node, this.over.node);
    this.legend = ks.el('div.legend');
    this.map = ks.el('div.address');
    this.list = ks.el('div');
    this.note = ks.el('p.note');
    this.box = { left: 0, right: 1 };
    const options = trace.slots.map((table) => [table.id, this.names.get(table.id) || '#' + table.id]);
    this.picker = ks.choice('Allocator', options, (id) => this.choose(Number(id)));
    const content = trace.slots.length
      ? [ks.el('div.tools', {}, this.picker, this.legend), this.plot, this.note,
        ks.el('h3', {}, 'Address map'), this.map, this.list]
      : [ks.el('p.empty', {}, 'No allocator was made in this trace, so that there are no frames.')];
    this.node = ks.section('frames', 'Frame lifetimes',
      trace.slots.length ? 'A line for each address that the allocator handed out; zoomed with the chart above.' : null,
      content);
    if (!trace.slots.length) return;
    ks.steer(this.plot, view, () => this.box, (x, y, e) => this.hover(x, y, e), (x, y) => this.click(x, y));
    view.onchange(ks.whileSeen(this.plot, () => this.draw()));
    view.onpoint(() => this.cursor());
    ks.redraws.push(() => this.draw());
    this.choose(this.first());
  }

  /** The allocator to begin with: that of the first finding that has one. */
  first() {
    const known = new Set(this.trace.slots.map((table) => table.id));
    for (const group of this.trace.groups) {
      for (const [, , allocator] of group.findings) if (known.has(allocator)) return allocator;
    }
    return this.trace.slots.reduce((a, b) => (b.slots.length > a.slots.length ? b : a)).id;
  }

  decode(slot) {
    let sum = 0;
    slot.list = (slot.spans || []).map(([start, length, thread, freeThread, seq, frames, busy, flagged]) => {
      sum += start;
      const end = length < 0 ? Infinity : sum + length;
      return { start: sum, end, thread, freeThread, seq, frames: frames || 1, busy: busy ?? length, flagged: Boolean(flagged) };
    });
    slot.starts = slot.list.map((span) => span.start);
  }

  choose(id) {
    this.table = this.trace.slots.find((table) => table.id === id);
    this.picker.querySelector('select').value = String(id);
    this.lanes = this.table.slots.filter((slot) => slot.list.length);
    const threads = new Map();
    for (const slot of this.lanes) {
      for (const span of slot.list) threads.set(span.thread, (threads.get(span.thread) || 0) + span.frames);
    }
    threads.delete(-1);
    this.threads = [...threads].sort((a, b) => b[1] - a[1]).map(([thread]) => thread).slice(0, 7).sort((a, b) => a - b);
    this.legend.replaceChildren(...this.threads.map((thread, i) =>
      ks.el('span.key', {}, ks.el('span.swatch.thread' + (i + 1), { 'aria-hidden': 'true' }), 'thread ' + thread)));
    if (threads.size > 7) this.legend.append(ks.el('span.key', {}, ks.el('span.swatch.other'), 'other threads'));
    if (this.lanes.length) {
      this.legend.append(ks.el('span.key', {}, ks.el('span.swatch.flagged', { 'aria-hidden': 'true' }), 'has a finding'));
    }
    const parts = [];
    if (this.lanes.length < this.table.count) {
      parts.push(`${ks.count(this.lanes.length)} of ${ks.plural(this.table.count, 'slot')} are drawn: the first ones, and those with findings.`);
    }
    const merged = this.lanes.filter((slot) => slot.width > 1);
    if (merged.length) {
      const width = Math.max(...merged.map((slot) => slot.width));
      parts.push(`Frames that begin within ${ks.ns(width)} are drawn as one, the paler the less of the time the slot was in use.`);
    }
    this.note.textContent = parts.join(' ');
    this.plot.hidden = !this.lanes.length;
    this.addresses();
    this.draw();
  }

  colour(thread, colours) {
    const i = this.threads.indexOf(thread);
    return i < 0 ? colours.grey : colours.threads[i];
  }

  draw() {
    if (!this.table || !this.plot.isConnected || !this.plot.clientWidth || !this.lanes.length) return;
    const colours = ks.colours();
    const narrow = this.plot.clientWidth < 640;
    const high = this.lanes.length > 24 ? 13 : 20;
    const head = 24;
    const height = head + this.lanes.length * high + 6;
    const pen = this.canvas.begin(height);
    this.box = { left: narrow ? 2 : 168, right: this.canvas.width - (narrow ? 2 : 76) };
    const { left, right } = this.box;
    const scale = (right - left) / (this.view.to - this.view.from);
    const x = (time) => left + (time - this.view.from) * scale;
    ks.axis(pen, this.view, left, right, 22, height - 4, colours, 10);
    this.rows = [];
    this.lanes.forEach((slot, i) => {
      const y = head + i * high;
      this.rows.push({ slot, y, high });
      if (!narrow) {
        pen.textAlign = 'left';
        pen.fillStyle = colours.soft;
        pen.fillText(slot.at, 0, y + high / 2);
        pen.fillText(ks.count(slot.frames) + '\u00d7', right + 8, y + high / 2);
      }
      this.lane(pen, slot, y, high, x, scale, colours);
    });
    ks.gaps(pen, this.trace, this.view, left, right, 22, height - 4, colours);
    this.cursor();
  }

  /** The cursor, on a canvas of its own. */
  cursor() {
    if (!this.rows || !this.plot.isConnected) return;
    const pen = this.over.begin(this.canvas.height);
    const time = this.view.cursor;
    if (time === null || time < this.view.from || time > this.view.to) return;
    const { left, right } = this.box;
    const x = left + ((time - this.view.from) / (this.view.to - this.view.from)) * (right - left);
    pen.fillStyle = ks.colours().ink;
    pen.globalAlpha = 0.55;
    pen.fillRect(Math.round(x), 22, 1, this.canvas.height - 26);
  }

  lane(pen, slot, y, high, x, scale, colours) {
    const { left, right } = this.box;
    const [top, size] = [y + 2, high - 4];
    pen.fillStyle = colours.line;
    pen.globalAlpha = 0.5;
    pen.fillRect(left, y + high - 1, right - left, 1);
    pen.globalAlpha = 1;
    let i = Math.max(0, ks.before(slot.starts, this.view.from));
    let drawn = -1;
    for (; i < slot.list.length && slot.list[i].start <= this.view.to; i++) {
      const span = slot.list[i];
      if (span.end < this.view.from) continue;
      const x0 = Math.max(left, x(span.start));
      const x1 = Math.min(right, x(Math.min(span.end, this.trace.duration)));
      const wide = Math.max(1, x1 - x0 - (x1 - x0 > 3 ? 1 : 0));
      if (x0 + wide < drawn + 0.4 && !span.flagged) continue;
      const share = span.frames > 1 && span.end !== Infinity ? Math.min(1, span.busy / Math.max(1, span.end - span.start)) : 1;
      pen.fillStyle = this.colour(span.thread, colours);
      pen.globalAlpha = 0.25 + 0.65 * share;
      pen.fillRect(x0, top, wide, size);
      pen.globalAlpha = 1;
      if (span.flagged) {
        pen.strokeStyle = colours.error;
        pen.lineWidth = 2;
        pen.strokeRect(x0 + 1, top + 1, Math.max(3, wide - 2), size - 2);
      }
      if (span.end === Infinity && x1 < right - 1) {
        pen.fillStyle = colours.soft;
        pen.fillRect(x1, top, 1, size);
      }
      drawn = x0 + wide;
    }
  }

  spanAt(x, y) {
    const row = (this.rows || []).find((one) => y >= one.y && y < one.y + one.high);
    if (!row || x === null) return null;
    const { left, right } = this.box;
    const unit = (this.view.to - this.view.from) / (right - left);
    const time = this.view.from + (x - left) * unit;
    const i = ks.before(row.slot.starts, time + 2 * unit);
    const span = row.slot.list[i];
    return span && span.end >= time - 2 * unit ? { slot: row.slot, span } : null;
  }

  hover(x, y, event) {
    const at = this.spanAt(x, y);
    if (!at) {
      ks.tip.hide();
      return;
    }
    const { slot, span } = at;
    const by = (thread) => (thread < 0 ? 'several threads or not known' : 'thread ' + thread);
    const lines = span.frames > 1
      ? [`${ks.count(span.frames)} frames at ${slot.at}`, `${ks.moment(span.start, 1e3)} to ${ks.moment(span.end, 1e3)}`,
        `the slot was in use for ${ks.ns(span.busy)} of it`, `allocated by ${by(span.thread)}`]
      : [`frame ${slot.at}`, `allocated at seq ${span.seq}, ${ks.moment(span.start, 1e3)}, ${by(span.thread)}`,
        span.end === Infinity ? 'never freed' : `freed ${ks.ns(span.end - span.start)} later, ${by(span.freeThread)}`];
    if (span.flagged) lines.push('a finding is about it');
    ks.tip.show(event.clientX, event.clientY, lines);
  }

  click(x, y) {
    const at = this.spanAt(x, y);
    if (!at) return;
    const end = Math.min(at.span.end, this.trace.duration);
    const room = Math.max(1, end - at.span.start) * 0.6;
    this.view.show(at.span.start - room, end + room);
  }

  // Addresses.

  addresses() {
    const slots = this.table.slots;
    const allocator = this.frameSizes.get(this.table.id) || {};
    const known = slots.filter((slot) => slot.bytes > 0);
    const holes = slots.slice(1).filter((slot) => slot.gap > 0);
    const overlaps = slots.slice(1).filter((slot) => slot.gap < 0);
    const crooked = slots.filter((slot) => slot.misaligned);
    const words = [ks.plural(this.table.count, 'slot')];
    if (allocator.frameSize) words.push(`FrameSize ${ks.count(allocator.frameSize)} bytes`);
    if (allocator.align) words.push(`FileAlignment ${allocator.align}: ` + (crooked.length ? `${crooked.length} not aligned` : 'all aligned'));
    words.push(overlaps.length ? `${overlaps.length} overlap the one before` : 'none overlap', ks.plural(holes.length, 'hole'));
    this.map.replaceChildren(ks.el('p', {}, words.join(' \u00b7 ')));
    if (known.length) this.map.append(this.strip(known));
    this.list.replaceChildren(
      ks.el('details', {}, ks.el('summary', {}, 'Slots as a table'),
        ks.table('Slots', [
          { title: 'address', of: (s) => s.at, show: (v) => ks.el('code', {}, v) },
          { title: 'bytes', of: (s) => s.bytes || null, show: ks.count, number: true },
          { title: 'from the end of the one before', of: (s, i) => (slots.indexOf(s) ? s.gap : null), show: ks.count, number: true },
          { title: 'frames', of: (s) => s.frames, show: ks.count, number: true },
          { title: 'aligned', of: (s) => (s.misaligned ? 'no' : 'yes') },
        ], slots, this.table.count)));
  }

  /** Slots in order of address, to scale; wide holes are shortened, and say how wide they are. */
  strip(slots) {
    const [width, high] = [1000, 58];
    const sizes = slots.map((slot) => slot.bytes).sort((a, b) => a - b);
    const usual = sizes[sizes.length >> 1];
    let at = 0;
    const boxes = slots.map((slot, i) => {
      if (i > 0) {
        const before = slots[i - 1];
        if (slot.gap >= 0) at += Math.min(slot.gap, usual * 0.6);
        else at += Math.max(slot.gap, -before.bytes * 0.85, -usual * 3);
      }
      const box = { slot, from: at, over: i > 0 && slot.gap < 0, hole: i > 0 && slot.gap > 0 ? slot.gap : 0 };
      at += Math.min(slot.bytes, usual * 4);
      box.to = at;
      return box;
    });
    const scale = width / Math.max(1, at);
    const most = Math.max(...slots.map((slot) => slot.frames));
    const svg = ks.el('svg:svg.strip', {
      viewBox: `0 0 ${width} ${high}`, preserveAspectRatio: 'none', role: 'img',
      'aria-label': 'Slots in order of their addresses; the table below has them',
    });
    for (const { slot, from, to, over, hole } of boxes) {
      const y = over ? 22 : 4;
      const kind = over ? '.over' : slot.misaligned ? '.crooked' : '';
      const rect = ks.el('svg:rect.slot' + kind, {
        x: (from * scale).toFixed(2), y, width: Math.max(1.5, (to - from) * scale - 2).toFixed(2), height: 30,
      }, ks.el('svg:title', {}, `${slot.at}, ${ks.count(slot.bytes)} bytes, ${ks.plural(slot.frames, 'frame')}` +
        (over ? `, begins ${ks.count(-slot.gap)} bytes before the end of the slot before` : '') +
        (hole ? `, ${ks.bytes(hole)} behind the slot before` : '') + (slot.misaligned ? ', not aligned' : '')));
      rect.style.fillOpacity = String(0.35 + 0.55 * (slot.frames / most));
      svg.append(rect);
    }
    return ks.el('div', {}, svg, ks.el('div.ends', {}, ks.el('code', {}, slots[0].at), ks.el('code', {}, slots[slots.length - 1].at)));
  }
};
