// One plot: curves over each other, with zoom, a pointer that reads them, and keys that do the same.

import { amountLabel, count, multiples, niceStep, number, stepLabel, valueAxis } from "./numbers.js";

const SVG = "http://www.w3.org/2000/svg";
const TOP = 26, BOTTOM = 26, RIGHT = 12, LETTER = 6.6;

/** An element with attributes, listeners (`onclick`) and children. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

function drawn(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * A plot of lines. A line has a `label`, a `color` from 1 to 6, its `points` as [x, value, step], its
 * `parts` as {name, from, to}, the `unit` of its steps, and may be `isDimmed`, or a `isGhost` that
 * cannot be read.
 */
export class Chart {
  constructor({ onZoom, onLog, onHide }) {
    this.callbacks = { onZoom, onLog, onHide };
    this.hidden = new Set();
    this.cursor = null;
    this.title = element("h2", { class: "chart-title" });
    this.legend = element("ul", { class: "legend", "aria-label": "Curves of this chart" });
    this.logButton = element("button", { type: "button", class: "small", onclick: () => onLog(!this.model.log) }, "Log axis");
    this.allButton = element("button", { type: "button", class: "small", onclick: () => this.reset() }, "Show all");
    this.inButton = element("button", { type: "button", class: "small", "aria-label": "Zoom in", title: "Zoom in", onclick: () => this.zoomAt(0.5, 0.5) }, "+");
    this.outButton = element("button", { type: "button", class: "small", "aria-label": "Zoom out", title: "Zoom out", onclick: () => this.zoomAt(0.5, 2) }, "−");
    const tools = element("div", { class: "tools", role: "group", "aria-label": "Axes" }, this.allButton, this.outButton, this.inButton, this.logButton);
    this.picture = drawn("svg", { class: "plot", tabindex: 0, role: "slider", "aria-roledescription": "chart" });
    this.tip = element("div", { class: "tip", hidden: true, "aria-hidden": "true" });
    this.note = element("p", { class: "chart-note" });
    this.frame = element("div", { class: "frame" }, this.picture, this.tip);
    this.root = element("figure", { class: "chart" }, element("div", { class: "chart-head" }, this.title, tools), this.legend, this.frame, this.note);
    this.listen();
    new ResizeObserver(() => this.model && this.draw()).observe(this.frame);
  }

  update(model) {
    this.model = model;
    const isZoomed = model.xs[0] > model.whole[0] || model.xs[1] < model.whole[1];
    this.title.textContent = model.title;
    this.note.textContent = model.note || (isZoomed ? "Double-click to show all." : model.key ? "" : "Drag across the chart to zoom in.");
    this.note.classList.toggle("is-old", Boolean(model.note));
    this.logButton.setAttribute("aria-pressed", String(model.log));
    this.allButton.disabled = this.outButton.disabled = !isZoomed;
    this.fillLegend();
    this.draw();
  }

  fillLegend() {
    const read = this.model.lines.filter((line) => !line.isGhost);
    this.legend.hidden = read.length < 2 && !read.some((line) => line.caption);
    this.legend.replaceChildren(...read.map((line) => {
      const isShown = !this.hidden.has(line.key);
      const toggle = () => {
        if (isShown) this.hidden.add(line.key);
        else this.hidden.delete(line.key);
        this.update(this.model);
        [...this.legend.querySelectorAll("button")][read.indexOf(line)]?.focus();
      };
      const attributes = { type: "button", class: `key color-${line.color} dash-${line.dash}`, "aria-pressed": String(isShown), title: isShown ? "Hide this curve" : "Show this curve", onclick: toggle };
      const sample = drawn("svg", { width: 22, height: 8, "aria-hidden": "true" }, drawn("path", { d: "M1 4H21", class: "line" }));
      return element("li", {}, element("button", attributes, sample, line.label, line.caption ? element("span", { class: "faint" }, ` ${line.caption}`) : ""));
    }));
  }

  get shown() {
    return this.model.lines.filter((line) => !this.hidden.has(line.key));
  }

  draw() {
    const { model, picture } = this;
    const width = Math.max(240, this.frame.clientWidth), height = width < 560 ? 260 : Math.min(420, Math.max(300, width * 0.36));
    const lines = this.shown;
    const [x0, x1] = model.xs;
    const values = [];
    for (const line of lines) for (const [x, y] of line.points) if (x >= x0 && x <= x1) values.push(y);
    const axis = valueAxis(values, model.log, height);
    const left = 14 + Math.max(4, ...axis.ticks.map(([, label]) => label.length)) * LETTER;
    const place = this.place = {
      width, height, left, right: width - RIGHT, top: TOP, bottom: height - BOTTOM,
      x: (x) => left + ((x - x0) / (x1 - x0 || 1)) * (width - RIGHT - left),
      y: (y) => height - BOTTOM - axis.height(y) * (height - BOTTOM - TOP - 6),
      back: (px) => x0 + ((px - left) / (width - RIGHT - left)) * (x1 - x0),
    };
    picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    picture.setAttribute("width", width);
    picture.setAttribute("height", height);
    picture.replaceChildren(
      drawn("clipPath", { id: `clip-${model.key}` }, drawn("rect", { x: left, y: 0, width: place.right - left, height: place.bottom + 2 })),
      ...this.markedPart(), ...this.grid(axis), ...this.boundaries(lines), ...this.curves(lines), ...this.stepTicks(), this.pointer = drawn("g", { class: "pointer" }),
    );
    this.describe();
    this.point();
  }

  *grid(axis) {
    const { left, right, y } = this.place;
    for (const [value, label] of axis.ticks) {
      yield drawn("path", { class: "grid", d: `M${left} ${y(value).toFixed(1)}H${right}` });
      yield drawn("text", { class: "label", x: left - 8, y: y(value) + 4, "text-anchor": "end" }, label);
    }
  }

  *markedPart() {
    const { marked } = this.model;
    if (!marked) return;
    const { left, right, top, bottom, x } = this.place;
    const a = Math.max(left, Math.min(right, x(marked[0]))), b = Math.max(left, Math.min(right, x(marked[1])));
    yield drawn("rect", { class: "marked", x: a, y: top, width: Math.max(1, b - a), height: bottom - top });
  }

  *boundaries(lines) {
    const { left, right, top, bottom, x } = this.place;
    const [x0, x1] = this.model.xs;
    const read = lines.filter((line) => !line.isGhost);
    // Whose each boundary is, by its pixel: one that several curves have is nobody's.
    const owners = new Map();
    for (const line of read) {
      for (const { from } of line.parts) {
        const px = x(from).toFixed(0);
        if (from > x0 && from <= x1) owners.set(px, owners.has(px) && owners.get(px) !== line ? null : line);
      }
    }
    for (const [px, line] of owners) {
      const own = line && read.length > 1 ? ` own color-${line.color}` : "";
      yield drawn("path", { class: `boundary${own}`, d: `M${px} ${top}V${bottom}` });
    }
    const names = read.map((line) => line.parts.map((part) => [part.name, part.from]).join());
    if (!read.length || names.some((name) => name !== names[0])) return;
    let free = left;
    for (const part of read[0].parts) {
      const a = Math.max(left, x(part.from)), b = Math.min(right, x(part.to)), room = part.name.length * LETTER;
      if (b - a > room + 6 && a >= free - 1) {
        yield drawn("text", { class: "label part", x: (a + b) / 2, y: TOP - 9, "text-anchor": "middle" }, part.name);
        free = b;
      }
    }
  }

  *curves(lines) {
    const { x, y } = this.place;
    const group = drawn("g", { "clip-path": `url(#clip-${this.model.key})` });
    for (const line of [...lines].reverse()) {
      const path = line.points.map(([px, value]) => `${x(px).toFixed(1)} ${y(value).toFixed(1)}`).join(" ");
      if (path) group.append(drawn("path", { class: `line color-${line.color} dash-${line.dash}${line.isDimmed ? " dimmed" : ""}${line.isGhost ? " ghost" : ""}`, d: `M${path}` }));
    }
    yield group;
  }

  *stepTicks() {
    const { left, right, bottom, x } = this.place;
    const { xs: [x0, x1], unit } = this.model;
    const size = unit && !unit.is_assumed ? unit.steps : 1, name = unit?.name ?? "";
    const room = unit ? 60 : 78;
    let step = niceStep((x1 - x0) / size, (right - left) / room);
    if (!unit) step = Math.max(1, step);
    yield drawn("path", { class: "axis", d: `M${left} ${bottom}H${right}` });
    for (const amount of multiples(step, x0 / size, x1 / size)) {
      const px = x(amount * size), label = amountLabel(amount, name);
      const half = (label.length * LETTER) / 2;
      yield drawn("path", { class: "axis", d: `M${px.toFixed(1)} ${bottom}v4` });
      yield drawn("text", { class: "label", x: Math.min(Math.max(px, left + half - 8), right - half + 10), y: bottom + 18, "text-anchor": "middle" }, label);
    }
  }

  // -------------------------------------------------------------- reading values

  /** What each curve is at the sample that is nearest to a place on the axis. */
  read(x) {
    return this.shown.filter((line) => !line.isGhost && line.points.length).map((line) => {
      const at = nearest(line.points, x), [px, value, step] = line.points[at];
      const part = line.parts.findLast((part) => part.from <= px + 1e-9);
      return { line, x: px, value, step, part: part?.name ?? "" };
    });
  }

  point() {
    const { cursor, pointer, tip, place, model } = this;
    pointer.replaceChildren();
    tip.hidden = cursor === null;
    if (cursor === null) return;
    const readings = this.read(cursor);
    if (!readings.length) { tip.hidden = true; return; }
    const first = readings.reduce((a, b) => (Math.abs(b.x - cursor) < Math.abs(a.x - cursor) ? b : a));
    const px = place.x(first.x);
    pointer.append(drawn("path", { class: "crosshair", d: `M${px.toFixed(1)} ${place.top}V${place.bottom}` }));
    for (const one of readings) {
      pointer.append(drawn("circle", { class: `dot color-${one.line.color}`, cx: place.x(one.x), cy: place.y(one.value), r: 4 }));
    }
    const rows = readings.map((one) => element("tr", { class: `color-${one.line.color}` },
      element("td", { class: "swatch" }, ""),
      model.lines.filter((line) => !line.isGhost).length > 1 ? element("td", {}, one.line.label) : null,
      element("td", { class: "value" }, number(one.value)),
      element("td", { class: "faint" }, one.part)));
    tip.replaceChildren(element("p", {}, this.stepWords(first)), element("table", {}, ...rows));
    const room = tip.offsetWidth + 16;
    const side = px + room < place.width ? px + 12 : Math.max(4, px - room + 4);
    tip.style.transform = `translate(${Math.min(side, place.width - tip.offsetWidth - 2)}px, ${place.top + 4}px)`;
    this.say(first, readings);
  }

  stepWords({ line, step }) {
    if (!line.unit) return `step ${count(step)}`;
    if (line.unit.is_assumed) return stepLabel(step, line.unit);
    return `step ${count(step)} · ${stepLabel(step, line.unit)}`;
  }

  say(first, readings) {
    const words = readings.map((one) => `${readings.length > 1 ? `${one.line.label} ` : ""}${number(one.value)}${one.part ? `, ${one.part}` : ""}`);
    this.picture.setAttribute("aria-valuenow", first.x);
    this.picture.setAttribute("aria-valuetext", `${this.stepWords(first)}: ${words.join("; ")}`);
  }

  describe() {
    const { model, picture } = this;
    const names = this.shown.filter((line) => !line.isGhost).map((line) => `${line.label}: ${line.parts.map((part) => part.name).join(", ")}`);
    picture.setAttribute("aria-label", `${model.title}. ${names.join("; ")}. Arrow keys read values, plus and minus zoom, 0 shows all.`);
    picture.setAttribute("aria-valuemin", model.xs[0]);
    picture.setAttribute("aria-valuemax", model.xs[1]);
    if (this.cursor === null) {
      picture.setAttribute("aria-valuenow", model.xs[0]);
      picture.setAttribute("aria-valuetext", "no step chosen");
    }
  }

  // -------------------------------------------------------------- zoom

  zoom(a, b) {
    const { whole, least } = this.model;
    const size = Math.min(Math.max(b - a, least), whole[1] - whole[0]);
    const start = Math.min(Math.max(a, whole[0]), whole[1] - size);
    const isWhole = size >= (whole[1] - whole[0]) * 0.999;
    this.callbacks.onZoom(isWhole ? null : [start, start + size]);
  }

  zoomAt(share, factor) {
    const [x0, x1] = this.model.xs, middle = x0 + share * (x1 - x0), size = (x1 - x0) * factor;
    this.zoom(middle - share * size, middle - share * size + size);
  }

  reset() {
    this.callbacks.onZoom(null);
  }

  listen() {
    const { picture } = this;
    let start = null, band = null;
    const at = (event) => {
      const box = picture.getBoundingClientRect();
      return Math.min(Math.max(event.clientX - box.left, this.place.left), this.place.right);
    };
    picture.addEventListener("pointermove", (event) => {
      const px = at(event);
      this.cursor = this.place.back(px);
      this.point();
      if (start === null) return;
      if (!band && Math.abs(px - start) > 4) this.picture.append(band = drawn("rect", { class: "band", y: this.place.top, height: this.place.bottom - this.place.top }));
      if (band) {
        band.setAttribute("x", Math.min(px, start));
        band.setAttribute("width", Math.abs(px - start));
      }
    });
    picture.addEventListener("pointerleave", () => {
      if (start !== null) return;
      this.cursor = null;
      this.point();
      this.describe();
    });
    picture.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      start = at(event);
      if (event.pointerType === "mouse") picture.setPointerCapture(event.pointerId);
    });
    const end = (event) => {
      const from = start, isBand = band !== null;
      start = null;
      band?.remove();
      band = null;
      if (isBand && event.type === "pointerup") {
        const [a, b] = [this.place.back(from), this.place.back(at(event))].sort((a, b) => a - b);
        this.zoom(a, b);
      }
    };
    picture.addEventListener("pointerup", end);
    picture.addEventListener("pointercancel", end);
    picture.addEventListener("dblclick", () => this.reset());
    picture.addEventListener("wheel", (event) => {
      const { xs, whole } = this.model;
      const isZoomed = xs[0] > whole[0] || xs[1] < whole[1];
      // A page that is scrolled goes on scrolling: zoom starts at its top, or with Ctrl.
      if (!isZoomed && !event.ctrlKey && (event.deltaY > 0 || window.scrollY > 0)) return;
      event.preventDefault();
      const share = (at(event) - this.place.left) / (this.place.right - this.place.left);
      this.zoomAt(share, Math.exp(Math.max(-80, Math.min(80, event.deltaY)) * 0.004));
    }, { passive: false });
    picture.addEventListener("keydown", (event) => this.key(event));
    picture.addEventListener("blur", () => { this.cursor = null; this.point(); });
  }

  key(event) {
    const { xs } = this.model, line = this.shown.find((one) => !one.isGhost && one.points.length);
    if (!line || event.altKey || event.metaKey || event.ctrlKey) return;
    const visible = line.points.filter(([x], k) => x >= xs[0] && x <= xs[1] && line.points[k + 1]?.[0] !== x);
    const here = this.cursor === null ? -1 : nearest(visible, this.cursor);
    const far = Math.max(1, Math.round(visible.length / 10));
    const moves = { ArrowRight: here + 1, ArrowUp: here + 1, ArrowLeft: here - 1, ArrowDown: here - 1, PageUp: here + far, PageDown: here - far, Home: 0, End: visible.length - 1 };
    if (event.key in moves && visible.length) {
      this.cursor = visible[Math.min(Math.max(moves[event.key], 0), visible.length - 1)][0];
      this.point();
    } else if (event.key === "+" || event.key === "=") this.zoomAt(this.share(), 0.5);
    else if (event.key === "-") this.zoomAt(this.share(), 2);
    else if (event.key === "0" || event.key === "Escape") this.reset();
    else return;
    event.preventDefault();
  }

  share() {
    const [x0, x1] = this.model.xs;
    return this.cursor === null ? 0.5 : Math.min(1, Math.max(0, (this.cursor - x0) / (x1 - x0)));
  }
}

/** The place of the point that is nearest to some x; of an upright line, its end. */
function nearest(points, x) {
  let low = 0, high = points.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle][0] < x) low = middle + 1;
    else high = middle;
  }
  if (low && x - points[low - 1][0] < points[low][0] - x) low -= 1;
  while (low + 1 < points.length && points[low + 1][0] === points[low][0]) low += 1;
  return low;
}
