// The page: what is known of some schedules, drawn. Where that comes from is the business of live.js,
// for `lrdsl serve`, and of playground.js, for the browser alone.

import { Chart, element } from "./chart.js";
import { count, number, stepLabel } from "./numbers.js";

const COLORS = 6, DASHES = 3;

/** The part of a text between two offsets, which count characters and not units of UTF-16. */
export function characters(text) {
  return /[\ud800-\udfff]/.test(text) ? [...text] : text;
}

/** The pieces of a text: each with the classes that hold all over it. */
export function* pieces(text, start, end, ranges) {
  const found = characters(text);
  const inside = ranges.filter((range) => range.end > start && range.start < end);
  const edges = [...new Set([start, end, ...inside.flatMap((range) => [range.start, range.end])])].filter((edge) => edge >= start && edge <= end).sort((a, b) => a - b);
  for (let k = 1; k < edges.length; k++) {
    const covering = inside.filter((range) => range.start < edges[k] && range.end > edges[k - 1]);
    const piece = found.slice(edges[k - 1], edges[k]);
    yield [typeof piece === "string" ? piece : piece.join(""), covering];
  }
}

/** The ranges of a view that a text is colored by: its tokens, and what is wrong with it. */
export function ranges(view, marked = null) {
  const size = characters(view.text).length;
  const found = view.tokens.map(([start, end, kind]) => ({ start, end, name: `token-${kind}` }));
  for (const one of view.diagnostics) {
    if (one.line === null) continue;
    // An empty place is shown on the character before it, or on the one that follows.
    const start = one.start < one.end ? one.start : Math.max(0, Math.min(one.start, size) - 1);
    found.push({ start, end: Math.max(one.end, start + 1), name: one.severity, title: one.message });
  }
  if (marked) found.push({ start: marked[0], end: marked[1], name: "marked" });
  return found;
}

/** Writes colored text into an element. */
export function fill(target, text, start, end, found) {
  target.replaceChildren(...[...pieces(text, start, end, found)].map(([piece, covering]) => {
    if (!covering.length) return piece;
    const title = covering.find((range) => range.title)?.title;
    return element("span", { class: covering.map((range) => range.name).join(" "), title }, piece);
  }));
}

/** The lines of a text that a schedule is on, with their numbers. */
function listing(view, marked) {
  const text = characters(view.text), found = ranges(view, marked);
  const newline = (k) => text[k] === "\n";
  let start = view.start, end = view.end;
  while (start > 0 && !newline(start - 1)) start -= 1;
  while (end < text.length && !newline(end)) end += 1;
  let line = 1;
  for (let k = 0; k < start; k++) line += newline(k);
  const lines = [];
  for (let k = start; k <= end; k++) {
    if (k < end && !newline(k)) continue;
    const code = element("span", { class: "code" });
    fill(code, view.text, start, k, found);
    if (k < end || k > start) lines.push(element("span", { class: "text-line", "data-line": line }, code, "\n"));
    line += 1;
    start = k + 1;
  }
  return lines;
}

/** Copies a text, and says so on the button that asked for it. */
export async function copy(button, text) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Cannot copy: select the text";
  }
  setTimeout(() => { button.textContent = label; }, 1500);
}

/**
 * The page.
 *
 * `ask(document, schedule, {params, first, last})` promises a view of a schedule for other values of
 * its params, or other steps. `isTyped` says that the text is being typed, so that what parses of it
 * is drawn. Where the text is shown elsewhere (`hasText` is false), `fix` makes a fix in it, `write`
 * writes the value of a param, and `onMark` hears which part is pointed at.
 */
export class Page {
  constructor({ charts, cards, parts, ask, isTyped = false, hasText = true, fix = null, write = null, nameOf = null, onMark = null }) {
    Object.assign(this, { charts, cards, parts, ask, isTyped, hasText, fix, write, nameOf, onMark });
    this.documents = [];
    this.entries = new Map();
    this.plots = new Map();
    this.zooms = new Map();
    this.logs = new Map();
    this.marked = null;
    this.blocks = new Map();
  }

  /** Shows documents, all or those that are new, by their numbers. */
  show(news) {
    for (const [k, document] of Object.entries(news)) this.documents[k] = document;
    const entries = new Map();
    this.documents.forEach((document, d) => document.schedules.forEach((schedule, s) => {
      const name = schedule.view?.name ?? schedule.before.name, key = `${d} ${name}`;
      const entry = this.entries.get(key) ?? { tried: new Map(), color: 0 };
      const isNew = String(d) in news;
      Object.assign(entry, { key, document: d, schedule: s, name, view: schedule.view, before: schedule.before });
      if (isNew) Object.assign(entry, { varied: null, detail: null });
      entries.set(key, entry);
      if (isNew) this.keep(entry);
      if (isNew && entry.tried.size) this.vary(entry);
    }));
    this.entries = entries;
    const shorts = [...entries.values()].map((entry) => short(entry.name));
    [...entries.values()].forEach((entry, k) => {
      entry.short = shorts.indexOf(shorts[k]) === shorts.lastIndexOf(shorts[k]) ? shorts[k] : entry.name;
    });
    this.render();
    for (const xkey of this.zooms.keys()) this.refine(xkey);
  }

  /** Lets go of values for params that the text no longer has. */
  keep(entry) {
    if (!entry.view) return;
    const names = new Set(entry.view.params.map((param) => param.name));
    for (const name of entry.tried.keys()) if (!names.has(name)) entry.tried.delete(name);
  }

  // -------------------------------------------------------------- what is asked for

  /** Asks for a schedule with the values of its sliders: one question at a time, the last one counts. */
  async vary(entry) {
    entry.wanted = true;
    if (entry.isAsking) return;
    entry.isAsking = true;
    while (entry.wanted) {
      entry.wanted = false;
      try {
        const found = entry.tried.size ? await this.ask(entry.document, entry.schedule, { params: entry.tried }) : null;
        if (!entry.wanted) Object.assign(entry, { varied: found, detail: null });
      } catch { /* the file has just changed: what is new comes by itself */ }
    }
    entry.isAsking = false;
    this.render();
    for (const xkey of this.zooms.keys()) this.refine(xkey);
  }

  /** Asks for more points where the axis is zoomed. */
  refine(xkey) {
    clearTimeout(this.refining);
    this.refining = setTimeout(async () => {
      const xs = this.zooms.get(xkey);
      for (const entry of xs ? this.entries.values() : []) {
        const { view } = this.current(entry);
        if (!view?.steps || xkeyOf(view) !== xkey || view === entry.before) continue;
        const scale = scaleOf(view);
        const first = Math.max(0, Math.floor(xs[0] * scale) - 1), last = Math.ceil(xs[1] * scale) + 1;
        if (view.steps[1] - view.steps[0] < view.curves[0]?.points.length) continue;
        try {
          const detail = await this.ask(entry.document, entry.schedule, { params: entry.tried, first, last });
          if (this.zooms.get(xkey) === xs) entry.detail = detail;
        } catch { /* likewise */ }
      }
      this.renderCharts();
    }, 120);
  }

  /** The view of an entry that is drawn, and whether it is an old one. */
  current(entry) {
    const view = entry.varied ?? entry.view;
    const isWrong = !view || view.diagnostics.some((one) => one.severity === "error");
    if (!isWrong || (this.isTyped && view?.curves.length)) return { view, isDimmed: false, isWrong };
    if (entry.varied && entry.view?.curves.length) return { view: entry.view, isDimmed: true, isWrong };
    if (entry.before) return { view: entry.before, isDimmed: true, isWrong };
    return { view, isDimmed: true, isWrong };
  }

  // -------------------------------------------------------------- charts

  /** The lines of all schedules by the plot that they are on: one quantity, one axis of steps. */
  lines() {
    const plots = new Map();
    const several = this.entries.size > 1;
    let color = 0;
    for (const entry of this.entries.values()) {
      const { view, isDimmed } = this.current(entry);
      if (!view) continue;
      const unit = view.unit, scale = scaleOf(view), xkey = xkeyOf(view);
      const targets = view.curves.length > 1 || view.curves.some((curve) => curve.label !== "lr");
      for (const curve of view.curves) {
        const key = `${curve.quantity} ${xkey}`;
        if (!plots.has(key)) plots.set(key, { key, xkey, noun: curve.noun, quantity: curve.quantity, lines: [], log: false });
        const plot = plots.get(key);
        const label = several ? (targets ? `${entry.short} ${curve.label}` : entry.short) : curve.label;
        const parts = (view.parts[curve.label] ?? []).map((part) => ({
          name: part.name, from: part.start_step / scale,
          to: part.length === null ? Infinity : (part.start_step + part.length) / scale,
        }));
        const captions = [
          curve.base === null ? "" : `drawn for base = ${number(curve.base)}`,
          curve.waits_for.length ? `as if ${curve.waits_for.join(", ")} never came` : "",
        ].filter(Boolean).join("; ");
        const detail = entry.detail?.curves.find((other) => other.label === curve.label);
        const line = {
          key: `${entry.key} ${curve.label}`, label, caption: captions && `(${captions})`,
          color: (color % COLORS) + 1, dash: Math.floor(color / COLORS) % DASHES,
          isDimmed, isGhost: false, unit, parts,
          points: placed((detail ?? curve).points, scale), whole: placed(curve.points, scale),
          marked: this.marked?.entry === entry && this.marked.label === curve.label ? this.marked : null,
        };
        plot.lines.push(line);
        plot.log ||= curve.log;
        if (entry.varied && view === entry.varied && entry.view) {
          const own = entry.view.curves.find((other) => other.label === curve.label);
          if (own && xkeyOf(entry.view) === xkey) plot.lines.push({ ...line, isGhost: true, points: placed(own.points, scale), key: `${line.key} ghost` });
        }
        color += 1;
      }
    }
    return plots;
  }

  renderCharts() {
    const plots = this.lines();
    const wholes = new Map();
    for (const plot of plots.values()) {
      for (const line of plot.lines) {
        const ends = line.whole.length ? [line.whole[0][0], line.whole.at(-1)[0]] : [0, 1];
        const whole = wholes.get(plot.xkey) ?? ends;
        wholes.set(plot.xkey, [Math.min(whole[0], ends[0]), Math.max(whole[1], ends[1])]);
      }
    }
    for (const key of this.plots.keys()) {
      if (!plots.has(key)) {
        this.plots.get(key).root.remove();
        this.plots.delete(key);
      }
    }
    let k = 0;
    for (const plot of plots.values()) {
      const chart = this.plots.get(plot.key) ?? new Chart({
        onZoom: (xs) => this.zoom(plot.xkey, xs),
        onLog: (log) => { this.logs.set(plot.key, log); this.renderCharts(); },
      });
      if (!this.plots.has(plot.key)) this.plots.set(plot.key, chart);
      if (this.charts.children[k] !== chart.root) this.charts.insertBefore(chart.root, this.charts.children[k] ?? null);
      const whole = wholes.get(plot.xkey), first = plot.lines[0];
      const isOld = plot.lines.some((line) => line.isDimmed);
      const units = new Set(plot.lines.map((line) => JSON.stringify(line.unit)));
      const marked = plot.lines.find((line) => line.marked)?.marked;
      chart.update({
        key: k, title: titleOf(plot, first, plots), lines: plot.lines, whole,
        xs: this.zooms.get(plot.xkey) ?? whole, least: first.unit?.is_assumed ? 2 / first.unit.steps : 2,
        unit: units.size === 1 ? first.unit : null, log: this.logs.get(plot.key) ?? plot.log,
        marked: marked ? [marked.from, marked.to] : null,
        note: isOld ? "Faded: the last curve without errors." : "",
      });
      k += 1;
    }
    this.charts.classList.toggle("is-empty", !plots.size);
  }

  zoom(xkey, xs) {
    if (xs) this.zooms.set(xkey, xs);
    else this.zooms.delete(xkey);
    for (const entry of this.entries.values()) if (!xs) entry.detail = null;
    this.renderCharts();
    this.refine(xkey);
  }

  // -------------------------------------------------------------- cards and tables

  render() {
    this.renderCharts();
    const kept = new Set();
    this.documents.forEach((document, d) => {
      const entries = [...this.entries.values()].filter((entry) => entry.document === d);
      for (const entry of entries.length ? entries : [null]) {
        const key = entry?.key ?? `${d}`;
        kept.add(key);
        if (!this.blocks.has(key)) this.blocks.set(key, new Card(this));
        const card = this.blocks.get(key);
        card.update(document, entry);
        this.cards.append(card.root);
        this.parts.append(card.table);
      }
    });
    for (const [key, card] of this.blocks) {
      if (!kept.has(key)) {
        card.root.remove();
        card.table.remove();
        this.blocks.delete(key);
      }
    }
  }

  mark(marked) {
    this.marked = marked;
    this.renderCharts();
    for (const card of this.blocks.values()) card.fillText();
    this.onMark?.(marked?.place ?? null);
  }
}

/** The name of a file without its folders, the keys in it included: `train.yaml:optimizer.lr`. */
export function short(name) {
  return /[^\\/]*$/.exec(name)[0] || name;
}

function placed(points, scale) {
  return points.map(([step, value]) => [step / scale, value, step]);
}

/** Steps of one unit on the axis: 1, or those of a unit of which nobody knows the length. */
function scaleOf(view) {
  return view.unit?.is_assumed ? view.unit.steps : 1;
}

function xkeyOf(view) {
  return view.unit?.is_assumed ? view.unit.name : "step";
}

const NAMES = { ep: "epochs", "%": "percent of the run", tok: "tokens" };

function titleOf(plot, first, plots) {
  const noun = { rate: "Learning rate" }[plot.noun] ?? plot.noun[0].toUpperCase() + plot.noun.slice(1);
  const xkeys = new Set([...plots.values()].map((other) => other.xkey));
  const unit = first.unit ? NAMES[first.unit.name] ?? first.unit.name : "steps";
  return xkeys.size > 1 ? `${noun}, over ${unit}` : noun;
}

/** What is said of one schedule: what is wrong, its text, its params; and the table of its parts. */
class Card {
  constructor(page) {
    this.page = page;
    this.title = element("h2", {});
    this.badge = element("span", { class: "badge", role: "status" });
    this.message = element("p", { class: "message", role: "alert", hidden: true });
    this.findings = element("ul", { class: "findings" });
    this.copyButton = element("button", { type: "button", class: "small", onclick: () => copy(this.copyButton, this.text) }, "Copy text");
    this.resetButton = element("button", { type: "button", class: "small", onclick: () => this.reset() }, "Reset values");
    this.code = element("pre", { class: "listing", tabindex: 0, "aria-label": "Text of the schedule" });
    this.params = element("fieldset", { class: "params", hidden: true });
    const tools = element("div", { class: "tools" }, this.resetButton, this.copyButton);
    this.heading = element("div", { class: "card-head" }, this.title, this.badge);
    this.varied = element("p", { class: "hint", hidden: true }, "With the values above; the file stays as it is.");
    this.root = element("section", { class: "card" }, this.heading, this.message, this.findings, this.params, element("div", { class: "listing-head" }, this.varied, tools), this.code);
    this.table = element("div", { class: "parts", hidden: true });
    this.sliders = new Map();
  }

  get view() {
    return this.entry?.varied ?? this.entry?.view;
  }

  get text() {
    const view = this.view ?? this.entry?.before;
    const cut = view ? characters(view.text).slice(view.start, view.end) : "";
    return typeof cut === "string" ? cut : cut.join("");
  }

  update(document, entry) {
    Object.assign(this, { document, entry });
    this.title.textContent = entry?.short ?? short(document.name);
    this.title.title = entry?.name ?? document.name;
    this.heading.hidden = !this.page.hasText;
    this.message.textContent = document.message;
    this.message.hidden = !document.message;
    const isFirst = !entry || entry.schedule === 0;
    const found = [...(isFirst ? document.diagnostics : []), ...(this.view?.diagnostics ?? [])];
    this.fillBadge(found);
    this.findings.replaceChildren(...found.map((one) => this.finding(one)), ...(isFirst ? document.notes.map((note) => element("li", { class: "note" }, note)) : []), ...this.needs());
    this.findings.hidden = !this.findings.children.length;
    this.fillParams();
    this.fillText();
    this.fillTable();
  }

  fillBadge(found) {
    const errors = found.filter((one) => one.severity === "error").length, warnings = found.length - errors;
    const words = [[errors, "error"], [warnings, "warning"]].filter(([amount]) => amount).map(([amount, noun]) => `${amount} ${noun}${amount > 1 ? "s" : ""}`);
    this.badge.className = `badge ${this.document.message || errors ? "error" : warnings ? "warning" : "fine"}`;
    this.badge.textContent = this.document.message ? "not read" : words.join(", ") || "no problems";
  }

  finding(one) {
    const fixes = this.page.fix && !this.entry?.varied ? (one.fixes ?? []).slice(0, 3) : [];
    return element("li", { class: one.severity },
      element("p", { class: "finding-head" }, element("strong", {}, one.severity === "error" ? "Error" : "Warning"), one.line === null ? "" : ` in line ${one.line}`, ": ", ...code(one.message)),
      one.help ? element("p", { class: "help" }, ...code(capitalized(one.help))) : null,
      ...fixes.map((fix) => element("button", { type: "button", class: "small", onclick: () => this.page.fix(fix) }, ...code(capitalized(fix.title)))));
  }

  needs() {
    const view = this.view, options = view?.needs ?? [];
    if (!options.length || view.diagnostics.some((one) => one.severity === "error")) return [];
    const said = options.map((option) => this.page.nameOf?.(option) ?? `\`${option}\``).join(" and ");
    const drawn = view.curves.length ? `Drawn in ${NAMES[view.unit?.name] ?? view.unit?.name}: how many steps that is depends on ${said}.` : `Nothing can be drawn yet: give ${said}.`;
    return [element("li", { class: "note" }, ...code(drawn))];
  }

  fillText() {
    const view = this.view ?? this.entry?.before;
    this.varied.hidden = this.resetButton.hidden = !this.entry?.tried.size;
    if (!view || !this.page.hasText) {
      this.code.hidden = this.copyButton.hidden = !this.page.hasText || !view;
      return;
    }
    this.code.hidden = this.copyButton.hidden = false;
    const marked = this.page.marked?.entry === this.entry ? this.page.marked.place : null;
    this.code.replaceChildren(...listing(view, marked));
  }

  // -------------------------------------------------------------- params

  fillParams() {
    const params = this.entry?.view?.params ?? [];
    // A slider that writes into the text stays under the pointer while the text changes.
    const isHeld = this.page.write && this.params.contains(document.activeElement);
    const shown = JSON.stringify(params.map((one) => [one.name, one.kind, one.documentation, ...(isHeld ? [] : [one.value])]));
    if (isHeld && JSON.stringify(params.map((one) => one.name)) === JSON.stringify([...this.sliders.keys()])) return;
    // An unfinished text has no params for a moment: they stay.
    if (shown === this.shownParams || (!params.length && this.entry?.view?.diagnostics.some((one) => one.severity === "error"))) return;
    this.shownParams = shown;
    this.params.hidden = !params.length;
    this.sliders = new Map(params.map((param) => [param.name, slider(param, (text) => this.tryValue(param, text))]));
    for (const [name, one] of this.sliders) if (this.entry.tried.has(name)) one.set(this.entry.tried.get(name));
    this.params.replaceChildren(element("legend", {}, "Try other values"), ...[...this.sliders.values()].map((one) => one.root));
  }

  tryValue(param, text) {
    if (this.page.write) {
      if (text.trim()) this.page.write(param.name, text.trim());
      return;
    }
    if (text.trim() === param.value || !text.trim()) this.entry.tried.delete(param.name);
    else this.entry.tried.set(param.name, text.trim());
    this.page.vary(this.entry);
  }

  reset() {
    this.entry.tried.clear();
    for (const one of this.sliders.values()) one.reset();
    this.page.vary(this.entry);
    this.params.querySelector("input")?.focus();
  }

  // -------------------------------------------------------------- parts

  fillTable() {
    const { view, isDimmed } = this.entry ? this.page.current(this.entry) : { view: null };
    const groups = Object.entries(view?.parts ?? {}).filter(([, parts]) => parts.length);
    this.table.hidden = !groups.length;
    this.table.classList.toggle("dimmed", Boolean(isDimmed));
    if (!groups.length) return;
    const several = this.page.entries.size > 1;
    const isNamed = groups.length > 1 || groups[0][0] !== "lr";
    const rows = groups.flatMap(([label, parts]) => [
      ...(isNamed ? [element("tr", { class: "target" }, element("th", { colspan: 4, scope: "rowgroup" }, label))] : []),
      ...this.rows(view, label, parts, 0),
    ]);
    const heads = ["Part", "Starts", "Length", "Value"].map((name) => element("th", { scope: "col" }, name));
    this.table.replaceChildren(
      element("h2", {}, several ? `Parts of ${this.entry.short}` : "Parts"),
      element("div", { class: "scroll" }, element("table", {}, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows))));
  }

  rows(view, label, parts, depth) {
    return parts.flatMap((part) => {
      const isAssumed = view.unit?.is_assumed, scale = scaleOf(view);
      const inUnit = (steps) => (view.unit ? stepLabel(steps, view.unit) : "");
      const length = part.length === null ? "no end" : isAssumed ? inUnit(part.length) : steps(part.length);
      const starts = isAssumed ? inUnit(part.start_step) : `step ${count(part.start_step)}`;
      const own = isAssumed || part.length === null ? "" : part.written_length ?? "";
      const [start, end] = [rounded(part.start), rounded(part.end)];
      const value = end === null || end === start ? start : `${start} → ${end}`;
      const marked = { entry: this.entry, label, place: part.place, from: part.start_step / scale, to: part.length === null ? Infinity : (part.start_step + part.length) / scale };
      const row = element("tr", { onpointerenter: () => this.page.mark(marked), onpointerleave: () => this.page.mark(null) },
        element("th", { scope: "row", class: `depth-${Math.min(depth, 4)}` }, part.name),
        element("td", {}, starts, !isAssumed && view.unit && part.start_step ? element("span", { class: "faint" }, ` ${inUnit(part.start_step)}`) : ""),
        element("td", {}, length, own && own !== length ? element("span", { class: "faint" }, ` ${own}`) : ""),
        element("td", {}, value ?? "undefined"));
      return [row, ...this.rows(view, label, part.children, depth + 1)];
    });
  }
}

/** A value in terms of `base` as it is; a plain number with as many digits as anybody reads. */
function rounded(text) {
  return text !== null && Number.isFinite(Number(text)) ? number(Number(text)) : text;
}

function steps(amount) {
  return `${count(amount)} step${amount === 1 ? "" : "s"}`;
}

function capitalized(text) {
  return text[0].toUpperCase() + text.slice(1);
}

/** A sentence, what is between backticks set as code. */
function code(text) {
  return text.split(/`([^`]*)`/).map((piece, k) => (k % 2 ? element("code", {}, piece) : piece));
}

// -------------------------------------------------------------- sliders

const VALUE = /^([-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e[-+]?\d+)?)([kMB]?)([A-Za-z]*|%)$/;

/** What a slider of a param goes over; null for what is no number and no length. */
function track(param) {
  const found = VALUE.exec(param.value.trim()) ?? VALUE.exec(String(param.default).trim());
  if (!found || param.kind === "condition") return null;
  const size = { k: 1e3, M: 1e6, B: 1e9 }[found[2]] ?? 1, unit = found[3];
  const start = Number(found[1].replaceAll("_", ""));
  const isWhole = Number.isInteger(start) && !/[.e]/.test(found[1]);
  const write = (value) => `${isWhole && size === 1 ? Math.round(value) : number(value, 3)}${found[2]}${unit}`;
  const read = (text) => {
    const match = VALUE.exec(text.trim());
    return match ? (Number(match[1].replaceAll("_", "")) * ({ k: 1e3, M: 1e6, B: 1e9 }[match[2]] ?? 1)) / size : null;
  };
  if (unit === "%") return { low: 0, high: 100, step: 1, start, write, read, to: (x) => x, from: (x) => x };
  if (start === 0) return { low: 0, high: 1, step: 0.01, start, write: (value) => number(value, 3), read, to: (x) => x, from: (x) => x };
  if (unit || isWhole) {
    const high = 4 * start, step = isWhole ? Math.max(1, 10 ** Math.floor(Math.log10(Math.abs(start)) - 1)) : start / 50;
    return { low: Math.min(0, high), high: Math.max(0, high), step: Math.abs(step), start, write, read, to: (x) => x, from: (x) => x };
  }
  // A rate is tried by factors: from a tenth of it to ten times as much.
  const sign = Math.sign(start), middle = Math.log10(Math.abs(start));
  return {
    low: -1, high: 1, step: 0.01, start, write, read,
    to: (x) => (x === 0 ? start : sign * 10 ** (middle + x)),
    from: (value) => (value * sign > 0 ? Math.log10(value * sign) - middle : -1),
  };
}

/** A param with a slider and a field; `change` takes what is to be written. */
function slider(param, change) {
  const found = track(param), id = `param-${Math.random().toString(36).slice(2)}`;
  const field = element("input", { type: "text", class: "value", value: param.value, "aria-label": `${param.name}, as text`, spellcheck: "false", autocomplete: "off" });
  const name = element("label", { for: id }, param.name);
  const about = param.documentation ? element("p", { class: "hint" }, ...code(param.documentation)) : null;
  if (!found) {
    field.id = id;
    field.removeAttribute("aria-label");
    field.addEventListener("input", () => change(field.value));
    const set = (text) => { field.value = text; };
    return { root: element("div", { class: "param" }, name, field, about), set, reset: () => set(param.value) };
  }
  const range = element("input", { type: "range", id, min: found.low, max: found.high, step: found.step });
  const place = (text) => {
    const value = found.read(text);
    if (value !== null) range.value = found.from(value);
    range.setAttribute("aria-valuetext", text);
  };
  const set = (text) => { field.value = text; place(text); };
  range.addEventListener("input", () => {
    const value = found.to(Number(range.value));
    // Where it started, it writes what was written.
    const text = Math.abs(value - found.start) < 1e-12 * Math.abs(found.start || 1) ? param.value : found.write(value);
    field.value = text;
    range.setAttribute("aria-valuetext", text);
    change(text);
  });
  field.addEventListener("input", () => { place(field.value); change(field.value); });
  set(param.value);
  return { root: element("div", { class: "param" }, name, range, field, about), set, reset: () => set(param.value) };
}
