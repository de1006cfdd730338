'use strict';
/* Time: the window that all drawings show, how it is moved, and what they have in common. */

/** The part of a trace that is shown, and who wants to know when it changes. */
ks.View = class {
  constructor(duration) {
    this.whole = Math.max(duration, 1);
    this.from = -this.whole * 0.004;
    this.to = this.whole * 1.004;
    this.home = [this.from, this.to];
    this.cursor = null;
    this.listeners = [];
    this.pointers = [];
    this.asked = false;
    this.moved = false;
  }

  /** Listens to changes of the window. */
  onchange(listener) {
    this.listeners.push(listener);
  }

  /** Listens to the cursor where the window stays. */
  onpoint(listener) {
    this.pointers.push(listener);
  }

  /** Calls the listeners before the next picture, once. */
  touch(moved) {
    this.moved = this.moved || moved;
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => this.tell());
  }

  tell() {
    const listeners = this.moved ? this.listeners : this.pointers;
    this.asked = false;
    this.moved = false;
    listeners.forEach((listener) => listener());
  }

  show(from, to) {
    const least = Math.min(20, this.whole); // ns
    const most = this.home[1] - this.home[0];
    const span = Math.min(most, Math.max(least, to - from));
    const middle = (from + to) / 2;
    this.from = Math.min(Math.max(middle - span / 2, this.home[0]), this.home[1] - span);
    this.to = this.from + span;
    this.touch(true);
  }

  zoom(factor, at) {
    const place = at ?? (this.from + this.to) / 2;
    this.show(place - (place - this.from) * factor, place + (this.to - place) * factor);
  }

  pan(share) {
    const by = (this.to - this.from) * share;
    this.show(this.from + by, this.to + by);
  }

  reset() {
    this.show(this.home[0], this.home[1]);
  }

  /** Brings a moment into sight, near enough to see what is around it. */
  reveal(time) {
    const span = Math.min(this.to - this.from, this.whole / 8);
    this.show(time - span / 2, time + span / 2);
    this.cursor = time;
  }

  point(time) {
    if (this.cursor === time) return;
    this.cursor = time;
    this.touch(false);
  }

  get isWhole() {
    return this.to - this.from >= (this.home[1] - this.home[0]) * 0.999;
  }
};

/** A canvas as wide as its place, sharp on every screen. Without a label it lies over another one. */
ks.Canvas = class {
  constructor(label) {
    this.node = label
      ? ks.el('canvas', { role: 'img', 'aria-label': label })
      : ks.el('canvas.over', { 'aria-hidden': 'true' });
    this.width = 0;
    this.height = 0;
  }

  /** Begins a picture; the context takes CSS pixels. */
  begin(height) {
    const ratio = Math.min(3, window.devicePixelRatio || 1);
    const width = this.node.parentElement ? this.node.parentElement.clientWidth : 0;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.node.width !== w || this.node.height !== h) {
      this.node.width = w;
      this.node.height = h;
      this.node.style.height = height + 'px';
    }
    this.width = width;
    this.height = height;
    const pen = this.node.getContext('2d');
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = '12px ' + ks.colours().font;
    pen.textBaseline = 'middle';
    return pen;
  }
};

/** A drawing that is made only while it can be seen, and caught up with once it can. */
ks.whileSeen = (node, draw) => {
  let seen = true;
  let missed = false;
  new IntersectionObserver(([entry]) => {
    seen = entry.isIntersecting;
    if (seen && missed) {
      missed = false;
      draw();
    }
  }, { rootMargin: '100px' }).observe(node);
  return () => {
    missed = !seen;
    if (seen) draw();
  };
};

/** Steps of an axis: 1, 2 or 5 times a power of ten. */
ks.ticks = (from, to, most) => {
  const rough = (to - from) / Math.max(1, most);
  const power = Math.pow(10, Math.floor(Math.log10(rough)));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const ticks = [];
  for (let i = Math.ceil(from / step); i * step <= to && ticks.length < 100; i++) ticks.push(i * step);
  return { step, ticks };
};

/** The lines of the time axis, and its numbers where there is a y for them. */
ks.axis = (pen, view, left, right, top, bottom, colours, labelY) => {
  const { step, ticks } = ks.ticks(view.from, view.to, (right - left) / 110);
  const scale = (right - left) / (view.to - view.from);
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  pen.beginPath();
  for (const tick of ticks) {
    const x = Math.round(left + (tick - view.from) * scale) + 0.5;
    pen.moveTo(x, top);
    pen.lineTo(x, bottom);
  }
  pen.stroke();
  if (labelY === undefined) return;
  pen.fillStyle = colours.soft;
  pen.textAlign = 'center';
  for (const tick of ticks) {
    const x = left + (tick - view.from) * scale;
    if (x > left + 14 && x < right - 14) pen.fillText(ks.moment(tick, step, view.to), x, labelY);
  }
};

/** Bands where events were lost, or were not recorded: hatched, so that no colour is needed to see them. */
ks.hatch = (pen, x0, x1, top, bottom, colours) => {
  const width = Math.max(3, x1 - x0);
  pen.save();
  pen.beginPath();
  pen.rect(x0, top, width, bottom - top);
  pen.clip();
  pen.fillStyle = colours.paper;
  pen.globalAlpha = 0.55;
  pen.fillRect(x0, top, width, bottom - top);
  pen.globalAlpha = 0.9;
  pen.strokeStyle = colours.grey;
  pen.lineWidth = 1;
  pen.beginPath();
  for (let x = x0 - (bottom - top); x < x0 + width; x += 6) {
    pen.moveTo(x, bottom);
    pen.lineTo(x + (bottom - top), top);
  }
  pen.stroke();
  pen.restore();
};

ks.gaps = (pen, trace, view, left, right, top, bottom, colours) => {
  const scale = (right - left) / (view.to - view.from);
  const edges = [
    ...(trace.completeStart ? [] : [[-Infinity, 0]]),
    ...(trace.cleanEnd ? [] : [[trace.duration, Infinity]])];
  let drawn = -Infinity;
  for (const [from, to] of [...trace.gaps, ...edges]) {
    if (to < view.from || from > view.to) continue;
    const x0 = Math.max(left, left + (from - view.from) * scale);
    const x1 = Math.min(right, left + (to - view.from) * scale);
    if (x1 < drawn + 1) continue;
    ks.hatch(pen, x0, x1, top, bottom, colours);
    drawn = Math.max(x0 + 3, x1);
  }
};

/** Makes a drawing of time obey wheel, drag, fingers and keys. The box: {left, right} in its pixels. */
ks.steer = (node, view, box, onhover, onclick) => {
  const time = (x) => view.from + ((x - box().left) / (box().right - box().left)) * (view.to - view.from);
  const local = (event) => {
    const rect = node.getBoundingClientRect();
    return [event.clientX - rect.left, event.clientY - rect.top];
  };
  const fingers = new Map();
  let drag = null;
  const selection = ks.el('div.selection', { hidden: true });
  node.append(selection);

  node.addEventListener('wheel', (event) => {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
    const wanted = event.ctrlKey || event.metaKey || sideways || document.activeElement === node;
    if (!wanted) return; // the page scrolls
    event.preventDefault();
    if (sideways) view.pan((event.deltaX || event.deltaY) / 1000);
    else view.zoom(Math.exp(Math.max(-120, Math.min(120, event.deltaY)) / 300), time(local(event)[0]));
  }, { passive: false });

  node.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || event.target.closest('button')) return;
    node.focus({ preventScroll: true });
    node.setPointerCapture(event.pointerId);
    const [x, y] = local(event);
    fingers.set(event.pointerId, x);
    const pans = event.shiftKey || event.pointerType === 'touch';
    drag = { x, y, at: time(x), from: view.from, to: view.to, pans, moved: false };
  });

  node.addEventListener('pointermove', (event) => {
    const [x, y] = local(event);
    if (fingers.size === 2 && fingers.has(event.pointerId)) {
      const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
      const before = Math.abs(fingers.get(event.pointerId) - other);
      const now = Math.abs(x - other);
      if (before > 4 && now > 4) view.zoom(before / now, time((x + other) / 2));
      fingers.set(event.pointerId, x);
      drag = null;
      return;
    }
    if (drag && Math.abs(x - drag.x) > 4) drag.moved = true;
    if (drag && drag.moved && drag.pans) {
      const by = ((drag.x - x) / (box().right - box().left)) * (drag.to - drag.from);
      view.show(drag.from + by, drag.to + by);
    } else if (drag && drag.moved) {
      const [a, b] = [Math.min(x, drag.x), Math.max(x, drag.x)];
      selection.hidden = false;
      selection.style.left = Math.max(box().left, a) + 'px';
      selection.style.width = Math.min(box().right, b) - Math.max(box().left, a) + 'px';
    }
    const inside = x >= box().left && x <= box().right;
    view.point(inside ? time(x) : null);
    onhover(inside ? x : null, y, event);
  });

  const end = (event) => {
    fingers.delete(event.pointerId);
    selection.hidden = true;
    if (!drag) return;
    const [x, y] = local(event);
    const done = drag;
    drag = null;
    if (!done.moved) onclick(x, y, event);
    else if (!done.pans) view.show(Math.min(done.at, time(x)), Math.max(done.at, time(x)));
  };
  node.addEventListener('pointerup', end);
  node.addEventListener('pointercancel', (event) => {
    fingers.delete(event.pointerId);
    selection.hidden = true;
    drag = null;
  });
  node.addEventListener('pointerleave', () => {
    if (drag) return;
    view.point(null);
    ks.tip.hide();
  });
  node.addEventListener('dblclick', () => view.reset());
  node.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== node) return;
    const actions = {
      ArrowLeft: () => view.pan(event.shiftKey ? -0.5 : -0.1),
      ArrowRight: () => view.pan(event.shiftKey ? 0.5 : 0.1),
      '+': () => view.zoom(0.7),
      '=': () => view.zoom(0.7),
      '-': () => view.zoom(1 / 0.7),
      0: () => view.reset(),
      Home: () => view.reset(),
      Escape: () => (drag = null, selection.hidden = true),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
    ks.say(`From ${ks.ns(Math.max(0, view.from))} to ${ks.ns(view.to)}`);
  });
};
