// The timeline and the icicle of a profile: rows of bars on a canvas that can be zoomed.
//
// A frame costs what is seen, not what there is: bars are found by binary search, and those that would
// lie on the same pixel are drawn once. Names come from outside; they are only ever set as text.
"use strict";
(() => {
  const GUTTER = 112;
  const AXIS = 24;
  const HEAD = 22;
  const CRITICAL = 1;
  const FAILED = 2;
  const FONT = "12px system-ui, sans-serif";

  // The first index whose end lies behind `at`; bars of a row do not overlap.
  const firstEndingAfter = (bars, at) => {
    let low = 0;
    let high = bars.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (bars[middle].e <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

  const duration = (secs) => {
    if (secs < 0.1) return `${(secs * 1000).toFixed(1)} ms`;
    if (secs < 100) return `${secs.toFixed(secs < 10 ? 2 : 1)} s`;
    const whole = Math.round(secs);
    if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
    return `${Math.floor(whole / 3600)} h ${Math.floor(whole / 60) % 60} min`;
  };

  class View {
    constructor(root, data) {
      this.root = root;
      this.data = data;
      this.canvas = root.querySelector("canvas.bars");
      this.map = root.querySelector("canvas.map");
      this.tip = root.querySelector(".tip");
      this.search = root.querySelector("input[type=search]");
      this.count = root.querySelector("output");
      this.list = root.querySelector("ol.seen");
      this.status = root.querySelector(".status");
      this.from = 0;
      this.to = data.end;
      this.query = "";
      this.matches = null;
      this.selected = null;
      this.pointers = new Map();
      this.frames = 0;
      this.words = (amount) =>
        data.unit === "s" ? duration(amount) : `${Math.round(amount).toLocaleString("en")} ${data.unit}`;
      this.map.hidden = !data.rows.some((row) => row.isCounted);
      this.layOut();
      this.readColors();
      this.listen();
      this.resize();
    }

    // Where rows lie. Many rows are flat, so that all of them stay on a page.
    layOut() {
      const rows = this.data.rows;
      const height = rows.length > 150 ? 6 : rows.length > 60 ? 12 : 22;
      let y = AXIS;
      let group = null;
      for (const row of rows) {
        if (row.group !== group) {
          group = row.group;
          row.title = group;
          if (group) y += HEAD;
        }
        row.y = y;
        row.height = row.slim ? Math.min(height, 12) : height;
        y += row.height + (row.height > 10 ? 3 : 1);
      }
      this.height = y + 6;
    }

    readColors() {
      const style = getComputedStyle(document.documentElement);
      const color = (name) => style.getPropertyValue(`--${name}`).trim();
      this.colors = {};
      for (const name of ["text", "faint", "line", "page", "panel", "critical", "failed", "chosen", "on-bar"]) {
        this.colors[name] = color(name);
      }
      this.kinds = this.data.kinds.map((kind) => color(`kind-${kind}`) || color("kind-build"));
      this.phases = [0, 1, 2, 3, 4, 5].map((index) => color(`phase-${index}`));
    }

    listen() {
      const { canvas, map, search } = this;
      new ResizeObserver(() => this.resize()).observe(canvas.parentElement);
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
        this.readColors();
        this.ask();
      });
      canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
      canvas.addEventListener("pointerdown", (event) => this.down(event));
      canvas.addEventListener("pointermove", (event) => this.move(event));
      for (const kind of ["pointerup", "pointercancel"]) {
        canvas.addEventListener(kind, (event) => this.up(event));
      }
      canvas.addEventListener("pointerleave", () => this.hint(this.selected));
      canvas.addEventListener("dblclick", (event) => {
        const found = this.find(event.offsetX, event.offsetY);
        if (found) this.zoomTo(found);
      });
      canvas.addEventListener("keydown", (event) => this.key(event));
      map.addEventListener("pointerdown", (event) => {
        map.setPointerCapture(event.pointerId);
        this.jump(event.offsetX);
      });
      map.addEventListener("pointermove", (event) => {
        if (map.hasPointerCapture(event.pointerId)) this.jump(event.offsetX);
      });
      search.addEventListener("input", () => this.look(search.value));
      search.addEventListener("keydown", (event) => {
        if (event.key === "Enter") this.step(event.shiftKey ? -1 : 1);
        if (event.key === "Escape") {
          search.value = "";
          this.look("");
        }
      });
      const actions = {
        in: () => this.zoom(1 / 1.6),
        out: () => this.zoom(1.6),
        fit: () => this.show(0, this.data.end),
        next: () => this.step(1),
        previous: () => this.step(-1),
      };
      for (const button of this.root.querySelectorAll("button[data-do]")) {
        button.addEventListener("click", actions[button.dataset.do]);
      }
    }

    resize() {
      const ratio = window.devicePixelRatio || 1;
      this.width = Math.max(this.canvas.parentElement.clientWidth, 240);
      for (const [canvas, height] of [
        [this.canvas, this.height],
        [this.map, 44],
      ]) {
        canvas.style.height = `${height}px`;
        canvas.width = Math.round(this.width * ratio);
        canvas.height = Math.round(height * ratio);
      }
      this.ratio = ratio;
      this.density = null;
      this.ask();
    }

    x(at) {
      return GUTTER + ((at - this.from) / (this.to - this.from)) * (this.width - GUTTER - 8);
    }

    at(x) {
      return this.from + ((x - GUTTER) / (this.width - GUTTER - 8)) * (this.to - this.from);
    }

    show(from, to) {
      const end = this.data.end;
      const span = clamp(to - from, Math.min(end, this.data.unit === "s" ? 1e-4 : 1), end);
      this.from = clamp(from, 0, end - span);
      this.to = this.from + span;
      this.ask();
    }

    // Makes the time that is seen `factor` times as long, around a place of the canvas.
    zoom(factor, x = (this.width + GUTTER) / 2) {
      const at = this.at(x);
      this.show(at - (at - this.from) * factor, at + (this.to - at) * factor);
    }

    pan(part) {
      const step = (this.to - this.from) * part;
      this.show(this.from + step, this.to + step);
    }

    zoomTo(found) {
      const bar = found.row.bars[found.index];
      const room = Math.max((bar.e - bar.s) * 0.6, this.data.end * 0.002);
      this.show(bar.s - room, bar.e + room);
    }

    wheel(event) {
      const unit = event.deltaMode === 1 ? 16 : 1;
      const isWhole = this.to - this.from >= this.data.end * 0.999;
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        const amount = (event.deltaX || event.deltaY) * unit;
        this.pan(amount / (this.width - GUTTER));
        return;
      }
      // All is seen: the page scrolls on.
      if (isWhole && event.deltaY > 0 && !event.ctrlKey) return;
      event.preventDefault();
      const speed = event.ctrlKey ? 0.01 : 0.002;
      this.zoom(Math.exp(clamp(event.deltaY * unit * speed, -1, 1)), event.offsetX);
    }

    down(event) {
      this.canvas.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, event.offsetX);
      this.hasMoved = false;
    }

    move(event) {
      const before = this.pointers.get(event.pointerId);
      if (before === undefined) {
        this.hint(this.find(event.offsetX, event.offsetY) || this.selected, event);
        return;
      }
      const x = event.offsetX;
      if (Math.abs(x - before) > 0) this.hasMoved = this.hasMoved || Math.abs(x - before) > 2;
      if (this.pointers.size === 2) {
        const other = [...this.pointers].find(([id]) => id !== event.pointerId)[1];
        const [gap, wanted] = [Math.abs(before - other), Math.abs(x - other)];
        if (gap > 4 && wanted > 4) this.zoom(gap / wanted, other);
      } else {
        this.pan((before - x) / (this.width - GUTTER - 8));
      }
      this.pointers.set(event.pointerId, x);
    }

    up(event) {
      this.pointers.delete(event.pointerId);
      if (!this.hasMoved && event.type === "pointerup") {
        this.selected = this.find(event.offsetX, event.offsetY);
        this.hint(this.selected, event);
        this.ask();
      }
    }

    key(event) {
      const actions = {
        ArrowLeft: () => this.pan(-0.15),
        ArrowRight: () => this.pan(0.15),
        ArrowUp: () => this.zoom(1 / 1.6),
        ArrowDown: () => this.zoom(1.6),
        "+": () => this.zoom(1 / 1.6),
        "=": () => this.zoom(1 / 1.6),
        "-": () => this.zoom(1.6),
        0: () => this.show(0, this.data.end),
        Home: () => this.show(0, this.data.end),
        n: () => this.step(1),
        p: () => this.step(-1),
        Enter: () => this.selected && this.zoomTo(this.selected),
        "/": () => this.search.focus(),
        Escape: () => {
          this.selected = null;
          this.hint(null);
          this.ask();
        },
      };
      const action = actions[event.key];
      if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      action();
    }

    jump(x) {
      const at = (clamp(x - GUTTER, 0, this.width) / (this.width - GUTTER - 8)) * this.data.end;
      const span = Math.min(this.to - this.from, this.data.end / 4);
      this.show(at - span / 2, at + span / 2);
    }

    look(query) {
      this.query = query.trim().toLowerCase();
      this.matches = null;
      this.count.textContent = "";
      if (this.query) {
        this.matches = [];
        for (const row of this.data.rows) {
          row.bars.forEach((bar, index) => {
            if (!row.slim && bar.n.toLowerCase().includes(this.query)) this.matches.push({ row, index });
          });
        }
        this.matches.sort((one, other) => one.row.bars[one.index].s - other.row.bars[other.index].s);
        this.count.textContent = this.matches.length === 1 ? "1 match" : `${this.matches.length} matches`;
      }
      const marks = new Map();
      for (const match of this.matches || []) {
        if (!marks.has(match.row)) marks.set(match.row, new Set());
        marks.get(match.row).add(match.index);
      }
      this.marks = marks;
      this.ask();
    }

    // Chooses the next match; without a search, the next of all bars.
    step(by) {
      if (!this.order) {
        this.order = [];
        for (const row of this.data.rows) {
          if (!row.slim) row.bars.forEach((_, index) => this.order.push({ row, index }));
        }
        this.order.sort((one, other) => one.row.bars[one.index].s - other.row.bars[other.index].s);
      }
      const all = this.matches || this.order;
      if (all.length === 0) return;
      const now = this.selected;
      const place = now ? all.findIndex((item) => item.row === now.row && item.index === now.index) : -1;
      const next = place < 0 ? (by > 0 ? 0 : all.length - 1) : (place + by + all.length) % all.length;
      this.selected = all[next];
      const bar = this.selected.row.bars[this.selected.index];
      const isSeen = bar.s >= this.from && bar.e <= this.to && this.x(bar.e) - this.x(bar.s) > 12;
      if (!isSeen) this.zoomTo(this.selected);
      this.hint(this.selected);
      this.ask();
    }

    find(x, y) {
      if (x < GUTTER) return null;
      const row = this.data.rows.find((row) => y >= row.y && y < row.y + row.height);
      if (!row) return null;
      const slack = ((this.to - this.from) / this.width) * 2;
      const at = this.at(x);
      const index = firstEndingAfter(row.bars, at);
      for (const near of [index, index - 1]) {
        const bar = row.bars[near];
        if (bar && bar.s - slack <= at && at <= bar.e + slack) return { row, index: near };
      }
      return this.idle(row, at);
    }

    // What an empty place of a slot waited for.
    idle(row, at) {
      if (row.group !== "Builds" || !this.data.slots) return null;
      const slots = this.data.rows[this.data.slots - 1];
      const index = firstEndingAfter(slots.bars, at);
      const bar = slots.bars[index];
      return bar && bar.s <= at ? { row: slots, index } : null;
    }

    hint(found, event) {
      const { tip } = this;
      tip.hidden = !found;
      if (!found) return;
      const bar = found.row.bars[found.index];
      const line = (tag, text) => {
        const element = document.createElement(tag);
        element.textContent = text;
        return element;
      };
      const lines = [line("strong", bar.n || this.data.labels[bar.k])];
      const kind = this.data.labels[bar.k] + (bar.f & FAILED ? ", failed" : "");
      lines.push(line("span", `${kind}: ${this.words(bar.e - bar.s)}`));
      if (this.data.unit === "s") lines.push(line("span", `from ${duration(bar.s)} to ${duration(bar.e)}`));
      if (bar.f & CRITICAL) lines.push(line("em", "on the critical path"));
      for (const [name, start, end] of bar.p || []) lines.push(line("span", `${name} ${duration(end - start)}`));
      for (const text of bar.d || []) lines.push(line("span", text));
      tip.replaceChildren(...lines);
      const left = event ? event.offsetX : clamp(this.x(bar.s), GUTTER, this.width);
      const top = event ? event.offsetY : found.row.y + found.row.height;
      tip.style.left = `${clamp(left + 14, 0, Math.max(this.width - tip.offsetWidth - 4, 0))}px`;
      tip.style.top = `${top + 16}px`;
    }

    ask() {
      if (this.isAsked) return;
      this.isAsked = true;
      delete this.canvas.dataset.settled;
      requestAnimationFrame(() => {
        this.isAsked = false;
        const begin = performance.now();
        this.draw();
        this.drawMap();
        const { dataset } = this.canvas;
        this.frames += 1;
        dataset.frames = this.frames;
        dataset.bars = this.drawn;
        dataset.frameMs = (performance.now() - begin).toFixed(2);
        dataset.from = this.from;
        dataset.to = this.to;
        clearTimeout(this.settling);
        this.settling = setTimeout(() => this.settle(), 150);
      });
    }

    draw() {
      const { canvas, colors, width, height } = this;
      const context = canvas.getContext("2d");
      context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      context.fillStyle = colors.panel;
      context.fillRect(0, 0, width, height);
      context.font = FONT;
      context.textBaseline = "middle";
      this.drawn = 0;
      this.drawAxis(context);
      this.drawIdle(context);
      context.save();
      context.beginPath();
      context.rect(GUTTER, AXIS - 2, width - GUTTER, height);
      context.clip();
      for (const row of this.data.rows) this.drawRow(context, row);
      this.drawChain(context);
      if (this.selected) {
        const { row, index } = this.selected;
        const bar = row.bars[index];
        context.strokeStyle = colors.text;
        context.lineWidth = 2;
        context.strokeRect(this.x(bar.s) - 1, row.y - 1, Math.max(this.x(bar.e) - this.x(bar.s), 2) + 2, row.height + 2);
      }
      context.restore();
      this.drawLabels(context);
    }

    drawAxis(context) {
      const { colors } = this;
      const span = this.to - this.from;
      const rough = span / Math.max(Math.floor((this.width - GUTTER) / 110), 1);
      const power = 10 ** Math.floor(Math.log10(rough));
      const steps = span > 600 && this.data.unit === "s" ? [60, 120, 300, 600, 1800, 3600, 7200, 21600] : [1, 2, 5, 10].map((step) => step * power);
      const step = steps.find((step) => step >= rough) || steps[steps.length - 1];
      const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
      context.textAlign = "left";
      for (let tick = Math.ceil(this.from / step) * step; tick <= this.to; tick += step) {
        const x = Math.round(this.x(tick)) + 0.5;
        context.fillStyle = colors.line;
        context.fillRect(x, 4, 1, this.height - 8);
        context.fillStyle = colors.faint;
        const label = this.data.unit === "s" ? (step >= 60 ? duration(tick) : `${tick.toFixed(digits)} s`) : Math.round(tick).toLocaleString("en");
        if (x + 60 < this.width) context.fillText(label, x + 4, 11);
      }
    }

    // Behind the builds, so that it shows where slots are empty.
    drawIdle(context) {
      if (!this.data.slots) return;
      const rows = this.data.rows.filter((row) => row.group === "Builds" && !row.slim);
      if (rows.length === 0) return;
      const top = rows[0].y;
      const last = rows[rows.length - 1];
      const bottom = last.y + last.height;
      const bars = this.data.rows[this.data.slots - 1].bars;
      context.save();
      context.globalAlpha = 0.16;
      let edge = -1;
      for (let index = firstEndingAfter(bars, this.from); index < bars.length && bars[index].s < this.to; index += 1) {
        const left = Math.max(this.x(bars[index].s), GUTTER);
        const right = this.x(bars[index].e);
        if (right - edge < 0.5) continue;
        edge = right;
        context.fillStyle = this.kinds[bars[index].k];
        context.fillRect(left, top, Math.max(right - left, 0.5), bottom - top);
      }
      context.restore();
    }

    drawRow(context, row) {
      const marks = this.query ? this.marks.get(row) || new Set() : null;
      const { bars } = row;
      const isText = row.height >= 12;
      const pass = (wanted) => {
        let edge = -Infinity;
        for (let index = firstEndingAfter(bars, this.from); index < bars.length && bars[index].s < this.to; index += 1) {
          const isMarked = !marks || marks.has(index);
          if (isMarked !== wanted) continue;
          const bar = bars[index];
          const left = this.x(bar.s);
          const right = this.x(bar.e);
          if (right - edge < 0.6) continue;
          edge = right;
          this.drawn += 1;
          const wide = right - left;
          // A gap between neighbors, where there is room for one.
          const width = Math.max(wide > 4 ? wide - 1 : wide, 0.8);
          context.globalAlpha = isMarked || row.slim ? 1 : 0.18;
          context.fillStyle = bar.f & FAILED ? this.colors.failed : this.kinds[bar.k];
          if (wide > 6 && isText) {
            context.beginPath();
            context.roundRect(left, row.y, width, row.height, 3);
            context.fill();
          } else {
            context.fillRect(left, row.y, width, row.height);
          }
          if (bar.p && wide > 16 && row.height > 10) this.drawPhases(context, bar, row);
          if (bar.f & CRITICAL && wide > 1.5) {
            context.strokeStyle = this.colors.critical;
            context.lineWidth = 2;
            context.strokeRect(left + 1, row.y + 1, Math.max(width - 2, 0.5), row.height - 2);
          }
          if (isText && wide > 28 && bar.n) this.drawName(context, bar.n, left, right, row);
        }
      };
      if (marks) pass(false);
      pass(true);
      context.globalAlpha = 1;
    }

    drawPhases(context, bar, row) {
      for (const [name, start, end] of bar.p) {
        if (end < this.from || start > this.to) continue;
        let hash = 0;
        for (let index = 0; index < name.length; index += 1) hash = (hash * 31 + name.charCodeAt(index)) >>> 0;
        const known = ["unpackPhase", "configurePhase", "buildPhase", "checkPhase", "installPhase", "fixupPhase"].indexOf(name);
        context.fillStyle = this.phases[known >= 0 ? known : hash % this.phases.length];
        const left = this.x(start);
        context.fillRect(left, row.y + row.height - 4, Math.max(this.x(end) - left - 1, 0.5), 3);
      }
    }

    drawName(context, name, left, right, row) {
      const from = Math.max(left, GUTTER) + 5;
      const room = right - from - 5;
      if (room < 18) return;
      const most = Math.floor(room / 6.4);
      const text = name.length > most ? `${name.slice(0, Math.max(most - 1, 1))}…` : name;
      context.fillStyle = this.colors["on-bar"];
      context.textAlign = "left";
      context.fillText(text, from, row.y + row.height / 2 + (row.height > 20 ? -0.5 : 0.5), room);
    }

    drawChain(context) {
      const chain = this.data.chain || [];
      if (chain.length < 2) return;
      context.strokeStyle = this.colors.critical;
      context.lineWidth = 1.5;
      context.globalAlpha = 0.8;
      context.beginPath();
      for (let index = 1; index < chain.length; index += 1) {
        const [one, other] = [chain[index - 1], chain[index]];
        const [before, after] = [this.data.rows[one[0]], this.data.rows[other[0]]];
        const [start, end] = [before.bars[one[1]].e, after.bars[other[1]].s];
        if (Math.max(start, end) < this.from || Math.min(start, end) > this.to) continue;
        context.moveTo(this.x(start), before.y + before.height / 2);
        context.lineTo(this.x(end), after.y + after.height / 2);
      }
      context.stroke();
      context.globalAlpha = 1;
    }

    drawLabels(context) {
      const { colors } = this;
      context.fillStyle = colors.panel;
      context.fillRect(0, AXIS - 2, GUTTER, this.height);
      let below = 0;
      for (const row of this.data.rows) {
        if (row.title) {
          context.fillStyle = colors.text;
          context.font = `600 ${FONT}`;
          context.textAlign = "left";
          context.fillText(row.title, 4, row.y - HEAD / 2 + 1);
          context.font = FONT;
        }
        if (row.label && row.y >= below) {
          context.fillStyle = colors.faint;
          context.textAlign = "right";
          context.fillText(row.label, GUTTER - 8, row.y + row.height / 2, GUTTER - 12);
          below = row.y + 12;
        }
      }
    }

    // How many builds ran, over the whole run, and which part of it is seen.
    drawMap() {
      const { map, colors, width } = this;
      const context = map.getContext("2d");
      context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      context.clearRect(0, 0, width, 44);
      const room = Math.floor(width - GUTTER - 8);
      if (!this.density) {
        this.density = new Float64Array(room);
        const unit = this.data.end / room;
        const rows = this.data.rows.filter((row) => row.isCounted);
        for (const row of rows) {
          for (const bar of row.bars) {
            const last = Math.min(Math.floor(bar.e / unit), room - 1);
            for (let index = Math.floor(bar.s / unit); index <= last; index += 1) {
              const part = Math.min(bar.e, (index + 1) * unit) - Math.max(bar.s, index * unit);
              if (part > 0) this.density[index] += part / unit;
            }
          }
        }
        this.most = this.density.reduce((one, other) => Math.max(one, other), 1);
      }
      context.fillStyle = this.kinds[this.data.kinds.indexOf(this.data.counted)] || colors.faint;
      for (let index = 0; index < room; index += 1) {
        const tall = (this.density[index] / this.most) * 36;
        context.fillRect(GUTTER + index, 42 - tall, 1, tall);
      }
      context.fillStyle = colors.faint;
      context.font = FONT;
      context.textAlign = "right";
      context.fillText(this.data.mapLabel, GUTTER - 8, 26, GUTTER - 12);
      const left = GUTTER + (this.from / this.data.end) * room;
      const right = GUTTER + (this.to / this.data.end) * room;
      context.globalAlpha = 0.7;
      context.fillStyle = colors.page;
      context.fillRect(GUTTER, 0, left - GUTTER, 44);
      context.fillRect(right, 0, GUTTER + room - right, 44);
      context.globalAlpha = 1;
      context.strokeStyle = colors.chosen;
      context.lineWidth = 1.5;
      context.strokeRect(left + 0.75, 1, Math.max(right - left - 1.5, 2), 42);
    }

    // For who cannot see the canvas, and for the address, which can be shared.
    settle() {
      const seen = [];
      let count = 0;
      for (const row of this.data.rows) {
        if (row.slim) continue;
        const { bars } = row;
        const marks = this.query ? this.marks.get(row) : null;
        for (let index = firstEndingAfter(bars, this.from); index < bars.length && bars[index].s < this.to; index += 1) {
          if (this.query && !(marks && marks.has(index))) continue;
          count += 1;
          seen.push(bars[index]);
        }
      }
      seen.sort((one, other) => other.e - other.s - (one.e - one.s));
      const items = seen.slice(0, 20).map((bar) => {
        const item = document.createElement("li");
        item.textContent = `${bar.n || this.data.labels[bar.k]}, ${this.words(bar.e - bar.s)}`;
        return item;
      });
      this.list.replaceChildren(...items);
      const what = this.query ? "matches" : this.data.things;
      const range = this.data.unit === "s" ? `, ${duration(this.from)} to ${duration(this.to)}` : "";
      this.status.textContent = `${count.toLocaleString("en")} ${what} in view${range}`;
      this.canvas.dataset.settled = this.frames;
      const isWhole = this.to - this.from >= this.data.end * 0.999;
      if (this.data.name === "timeline" && (this.query || !isWhole || location.hash.length > 1)) {
        const parameters = new URLSearchParams();
        if (!isWhole) {
          parameters.set("from", this.from.toFixed(4));
          parameters.set("to", this.to.toFixed(4));
        }
        if (this.query) parameters.set("search", this.query);
        const text = parameters.toString();
        // Some browsers refuse this for files.
        try {
          history.replaceState(null, "", text ? `#${text}` : "#");
        } catch {
          return;
        }
      }
    }
  }

  const views = JSON.parse(document.getElementById("data").textContent);
  for (const data of views) {
    const root = document.getElementById(data.name);
    root.classList.add("is-live");
    const view = new View(root, data);
    if (data.name !== "timeline") continue;
    const wanted = new URLSearchParams(location.hash.slice(1));
    const [from, to] = [Number(wanted.get("from")), Number(wanted.get("to"))];
    if (to > from) view.show(from, to);
    const query = wanted.get("search");
    if (query) {
      view.search.value = query;
      view.look(query);
    }
  }
  document.documentElement.dataset.ready = "";
})();
