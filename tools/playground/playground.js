// The playground: the page with a text that is typed here, and the package in the browser.

import { Page, characters, copy, fill, ranges } from "./page.js";

const FIELDS = ["total", "steps_per_epoch", "tokens_per_step", "base"];
const NAMES = { "--total": "the length of the run", "--steps-per-epoch": "the steps per epoch", "--per-step tok=…": "the tokens per step" };
const $ = (id) => document.getElementById(id);
const text = $("text"), colored = $("colored"), offers = $("offers"), status = $("status");

// -------------------------------------------------------------- questions to the package

const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
const waiting = new Map();
let number = 0, isReady = false;

function ask(question) {
  number += 1;
  worker.postMessage({ number, question });
  return new Promise((resolve, reject) => waiting.set(number, { resolve, reject }));
}

worker.onerror = (event) => {
  $("failed").textContent = `Python could not be loaded${event.message ? `: ${event.message}` : ""}. A page that is opened from a disk cannot load it: it needs a web server.`;
  $("failed").hidden = false;
  status.textContent = "Not loaded";
};
worker.onmessage = ({ data }) => {
  if (data.ready) {
    isReady = true;
    document.documentElement.dataset.ready = JSON.stringify(data.ready);
    status.textContent = "Runs in your browser";
    status.className = "live";
    renew();
    return;
  }
  const { resolve, reject } = waiting.get(data.number);
  waiting.delete(data.number);
  if (data.error) reject(new Error(data.error));
  else {
    document.documentElement.dataset.took = data.took;
    resolve(JSON.parse(data.answer));
  }
};

const fields = () => Object.fromEntries(FIELDS.map((name) => [name, $(name).value]));

// -------------------------------------------------------------- what is shown

let view = null, before = null, isAsking = false, isWanted = false, places = new Map(), shown = [], marked = null;

const page = new Page({
  charts: $("charts"), cards: $("cards"), parts: $("parts"), isTyped: true, hasText: false,
  ask: (_document, _schedule, { first, last }) => ask({ want: "view", text: text.value, fields: fields(), first, last }),
  fix: (fix) => edit([...fix.edits].sort((a, b) => b.start - a.start)),
  write: (name, value) => {
    const place = places.get(name);
    if (place) edit([{ start: place[0], end: place[1], text: value }]);
  },
  nameOf: (option) => NAMES[option] ?? `\`${option}\``,
  onMark: (place) => { marked = place; paint(); },
});

/** Asks for the view of what is written: one question at a time, the last one counts. */
async function renew() {
  remember();
  if (!isReady) return;
  isWanted = true;
  if (isAsking) return;
  isAsking = true;
  while (isWanted) {
    isWanted = false;
    const asked = text.value;
    view = await ask({ want: "view", text: asked, fields: fields(), points: 600 });
    if (asked !== text.value) continue;
    shown = ranges(view);
    places = new Map(view.params.map((param) => [param.name, [...param.place]]));
    paint();
    show();
  }
  isAsking = false;
}

function show() {
  for (const name of FIELDS) {
    const isWrong = name in view.wrong;
    $(name).setAttribute("aria-invalid", String(isWrong));
    $(name).title = isWrong ? view.wrong[name] : "";
  }
  const isFine = view.curves.length && !view.diagnostics.some((one) => one.severity === "error");
  page.show({ 0: { name: "schedule.lrs", message: "", notes: Object.values(view.wrong), diagnostics: [], schedules: [{ view, before }] } });
  if (isFine) before = view;
  document.documentElement.dataset.shown = text.value;
}

// -------------------------------------------------------------- the editor

let painted = text.value;

/** Colors the text; what was typed since it was analyzed keeps the colors around it. */
function paint() {
  const value = text.value, found = marked ? [...shown, { start: marked[0], end: marked[1], name: "marked" }] : shown;
  fill(colored, value, 0, characters(value).length, found);
  colored.append("\n");
  painted = value;
}

/** Moves what is known of places in the text when it changes. */
function shift(old, value) {
  const a = characters(old), b = characters(value), most = Math.min(a.length, b.length);
  let head = 0, tail = 0;
  while (head < most && a[head] === b[head]) head += 1;
  while (tail < most - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const by = b.length - a.length, end = a.length - tail;
  const moved = (place, isEnd) => (place < head || (place === head && !isEnd) || (place === head && place < end) ? place : place >= end ? place + by : head);
  shown = shown.map((range) => ({ ...range, start: moved(range.start, false), end: Math.max(moved(range.start, false), moved(range.end, true)) })).filter((range) => range.end > range.start);
}

/** Replaces places of the text, the last one first, so that the browser can undo it. */
function edit(edits) {
  const units = (offset) => [...text.value].slice(0, offset).join("").length;
  for (const { start, end, text: put } of edits) {
    const [from, to] = [units(start), units(end)];
    text.setRangeText(put, from, to, "end");
    const by = characters(put).length - (end - start);
    for (const place of places.values()) {
      if (place[0] === start) place[1] += by;
      else if (place[0] > start) { place[0] += by; place[1] += by; }
    }
  }
  changed();
}

function changed() {
  shift(painted, text.value);
  paint();
  renew();
}

// -------------------------------------------------------------- completions

let offered = [], chosen = 0;

async function offer(isForced = false) {
  const value = text.value, caret = text.selectionStart, written = /[A-Za-z_]\w*$/.exec(value.slice(0, caret));
  if (!isReady || caret !== text.selectionEnd || (!isForced && !written)) return close();
  const offset = [...value.slice(0, caret)].length;
  const found = await ask({ want: "completions", text: value, fields: fields(), offset });
  if (text.value !== value || text.selectionStart !== caret || document.activeElement !== text) return;
  offered = found.slice(0, 8);
  chosen = 0;
  if (!offered.length) return close();
  const range = document.createRange();
  const [node, at] = placeIn(colored, [...value].slice(0, offered[0].start).join("").length);
  range.setStart(node, at);
  range.collapse(true);
  const box = range.getBoundingClientRect(), frame = offers.parentElement.getBoundingClientRect();
  list();
  offers.hidden = false;
  text.setAttribute("aria-expanded", "true");
  const left = Math.max(0, Math.min(box.left - frame.left - 12, frame.width - offers.offsetWidth));
  offers.style.transform = `translate(${left}px, ${box.bottom - frame.top + 4}px)`;
}

/** The text node of a place, and the offset in it. */
function placeIn(root, offset) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let node = walker.nextNode(), last = node;
  while (node && offset > node.length) {
    offset -= node.length;
    last = node;
    node = walker.nextNode();
  }
  return [node ?? last, node ? offset : last.length];
}

function list() {
  offers.replaceChildren(...offered.map((one, k) => {
    const item = document.createElement("li");
    item.id = `offer-${k}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", String(k === chosen));
    item.append(one.label.trim());
    if (one.detail && one.detail !== one.label) {
      const detail = document.createElement("span");
      detail.className = "faint";
      detail.textContent = one.detail.startsWith(one.label.trim()) ? one.detail.slice(one.label.trim().length) : one.detail;
      item.append(detail);
    }
    item.addEventListener("pointerdown", (event) => { event.preventDefault(); take(k); });
    return item;
  }));
  text.setAttribute("aria-activedescendant", `offer-${chosen}`);
}

function close() {
  offered = [];
  offers.hidden = true;
  text.setAttribute("aria-expanded", "false");
  text.removeAttribute("aria-activedescendant");
}

function take(k) {
  const one = offered[k], from = [...text.value].slice(0, one.start).join("").length;
  text.setRangeText(one.label, from, text.selectionStart, "end");
  close();
  changed();
}

text.addEventListener("keydown", (event) => {
  if (event.key === " " && event.ctrlKey) {
    event.preventDefault();
    offer(true);
  } else if (offered.length && ["ArrowDown", "ArrowUp"].includes(event.key)) {
    event.preventDefault();
    chosen = (chosen + (event.key === "ArrowDown" ? 1 : -1) + offered.length) % offered.length;
    list();
  } else if (offered.length && ["Enter", "Tab"].includes(event.key) && !event.shiftKey) {
    event.preventDefault();
    take(chosen);
  } else if (offered.length && event.key === "Escape") {
    event.preventDefault();
    close();
  }
});
text.addEventListener("input", (event) => {
  changed();
  if (event.inputType === "insertText") offer();
  else close();
});
text.addEventListener("blur", close);
text.addEventListener("click", close);
for (const name of FIELDS) $(name).addEventListener("input", renew);

// -------------------------------------------------------------- where it starts, and links

let remembering = 0;

/** Keeps text and run in the address, so that it is a link to them. */
function remember() {
  clearTimeout(remembering);
  remembering = setTimeout(() => history.replaceState(null, "", link()), 200);
}

function link() {
  const said = new URLSearchParams({ text: text.value });
  for (const [name, value] of Object.entries(fields())) if (value.trim()) said.set(name, value.trim());
  return `#${said}`;
}

function start(said) {
  text.value = said.text;
  for (const name of FIELDS) $(name).value = said[name] ?? "";
  before = null;
  shown = [];
  changed();
}

function fromAddress(address = location.href) {
  const said = new URLSearchParams(new URL(address).hash.slice(1));
  return said.has("text") ? Object.fromEntries(said) : null;
}

const recipes = await (await fetch(new URL("recipes.json", import.meta.url))).json();
$("recipe").append(...["", ...recipes.map((recipe) => recipe.title)].map((title, k) => new Option(title || "a published recipe …", k - 1)));
$("recipe").addEventListener("change", () => {
  if ($("recipe").value >= 0) start(recipes[$("recipe").value]);
});
window.addEventListener("hashchange", (event) => {
  const said = fromAddress(event.newURL);
  if (said) start(said);
});
$("link").addEventListener("click", () => {
  history.replaceState(null, "", link());
  copy($("link"), location.href);
});
$("python").addEventListener("click", async () => copy($("python"), await ask({ want: "python", text: text.value, fields: fields() })));
const said = fromAddress();
if (said) start(said);
else {
  $("recipe").value = "0";
  start(recipes[0]);
}
