// The page of the panel: draws what the extension sends.

import { isIn, type FromPanel, type Part, type Place, type Problem, type Range, type Schedule, type ToPanel } from "./curve";
import { words } from "./needs";

declare function acquireVsCodeApi(): {
  postMessage(message: FromPanel): void;
  setState(state: unknown): void;
};

type Shown = Extract<ToPanel, { type: "curve" }>;

const vscode = acquireVsCodeApi();
const main = document.getElementById("main")!;
/** The last picture of each schedule, shown while its text has errors. */
const pictures = new Map<string, string>();

window.addEventListener("message", ({ data }: MessageEvent<ToPanel>) => {
  if (data.type === "curve") {
    draw(data);
  } else if (data.type === "cursor") {
    mark(data.cursor);
  } else {
    const said = make("p", "waiting");
    said.append(...marked(data.text));
    main.replaceChildren(said);
  }
});

// A picture is drawn for the width of the panel, so that its texts have the size of others.
let width = main.clientWidth;
let waiting: ReturnType<typeof setTimeout> | undefined;
new ResizeObserver(() => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    if (main.clientWidth !== width && main.clientWidth > 0) {
      width = main.clientWidth;
      vscode.postMessage({ type: "width", width });
    }
  }, 150);
}).observe(main);
vscode.postMessage({ type: "ready", width });

function draw(shown: Shown): void {
  const { curve } = shown;
  const found: Node[] = curve.schedules.map((one, k) => section(one, k, shown));
  if (curve.problem !== "") {
    found.push(remark("error", curve.problem));
  }
  found.push(...curve.notes.map((text) => remark("info", text)));
  main.replaceChildren(...found);
  mark(shown.cursor);
}

function section(one: Schedule, k: number, { name, isConfig, curve, problems }: Shown): Node {
  const found = make("section");
  if (isConfig) {
    found.append(link("heading", `${name}, line ${one.range.start.line + 1}`, one.range));
  }
  if (one.text.replace(/#.*/g, "").trim() === "") {
    found.append(
      make("p", "waiting", "Write a schedule, and its curve is drawn here. For example:"),
      make("pre", "", "warmup(5ep) >> cosine(85ep, 0.4, 4e-4)"),
    );
    return found;
  }
  const own = isConfig ? problems.filter(({ range }) => isIn(range.start, one.range)) : problems;
  const hasErrors = own.some(({ isError }) => isError);
  const key = `${curve.uri} ${k}`;
  if (one.svg !== null) {
    pictures.set(key, one.svg);
  }
  const svg = one.svg ?? (hasErrors ? pictures.get(key) : undefined);
  if (svg !== undefined) {
    const figure = make("figure", one.svg === null ? "stale" : "");
    figure.append(picture(svg));
    found.append(figure);
  }
  found.append(...wrong(own));
  if (!hasErrors && one.needs.length > 0) {
    found.append(missing(one));
  }
  if (one.svg !== null) {
    found.append(...one.targets.map(({ name, parts }) => table(name, parts, one)));
  }
  return found;
}

const MOST = 3;

/** The errors or warnings of a schedule, each with what helps. */
function wrong(problems: Problem[]): Node[] {
  const found: Node[] = problems.slice(0, MOST).map(({ isError, message, range }) => {
    const [first, ...rest] = message.split("\n");
    const made = remark(isError ? "error" : "warning");
    const said = link("", "", range);
    said.append(...marked(first));
    made.append(said);
    for (const line of rest) {
      const help = make("div", "help");
      help.append(...marked(line.replace(/^help: /, "")));
      made.append(help);
    }
    return made;
  });
  if (problems.length > MOST) {
    found.push(action(`${problems.length - MOST} more`, "problems"));
  }
  return found;
}

/** A message, with what it quotes as code. */
function marked(message: string): Node[] {
  return message
    .split("`")
    .map((piece, k) => (k % 2 === 1 ? make("code", "", piece) : document.createTextNode(piece)));
}

/** What has to be known of the run. */
function missing({ needs, svg, unit }: Schedule): Node {
  const listed = needs.map(words).join(", ");
  const made = remark("info", `Not known: ${listed}.`);
  if (svg === null) {
    made.append(" The curve depends on it.");
  } else if (unit?.isAssumed === true) {
    made.append(` The curve is drawn in ${unit.name}.`);
  }
  made.append(" ", action("Describe the run", "describe"));
  return made;
}

function action(label: string, asked: "describe" | "problems"): Node {
  const button = make("button", "link", label);
  button.addEventListener("click", () => vscode.postMessage({ type: asked }));
  return button;
}

function remark(kind: string, text = ""): HTMLElement {
  return make("div", `remark ${kind}`, text);
}

/** A picture as elements of the page, so that its colors are those of the theme. */
function picture(svg: string): Node {
  const parsed = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  const found = document.importNode(parsed, true);
  found.removeAttribute("width");
  found.removeAttribute("height");
  return found;
}

/** The parts of a target: where each starts, its length and its values. */
function table(name: string, parts: Part[], schedule: Schedule): HTMLElement {
  const head = make("tr");
  const first = schedule.targets.length > 1 ? name : "Part";
  const lengths = inSteps(schedule) ? ["From step", "Steps"] : ["From", "Length"];
  head.append(...[first, ...lengths, "Value"].map((one) => make("th", "", one)));
  const body = make("tbody");
  body.append(...[...flat(parts, 0)].map(([part, depth]) => row(part, depth, schedule)));
  const top = make("thead");
  top.append(head);
  const found = make("table");
  found.append(top, body);
  return found;
}

/** True if steps are those of the run, rather than a unit whose size is not known. */
function inSteps({ unit }: Schedule): boolean {
  return unit?.isAssumed !== true;
}

function* flat(parts: Part[], depth: number): Generator<[Part, number]> {
  for (const part of parts.slice(0, 100)) {
    yield [part, depth];
    if (depth < 4) {
      yield* flat(part.children, depth + 1);
    }
  }
}

function row(part: Part, depth: number, schedule: Schedule): HTMLElement {
  const found = make("tr");
  const first = make("td", `depth${depth}`);
  // What was read in a text that is not finished has no place in it yet.
  if (isSame(part.range, schedule.range)) {
    first.append(make("span", "link", part.name));
  } else {
    found.dataset.range = JSON.stringify(part.range);
    first.append(link("link", part.name, part.range));
  }
  const { startLabel, lengthLabel, start, end } = part;
  const [from, long] = [make("td", "", startLabel), make("td", "", lengthLabel ?? "to the end")];
  const value = end === null || end === start ? (start ?? "") : `${start ?? ""} → ${end}`;
  found.append(first, from, long, make("td", "value", value));
  return found;
}

function isSame(one: Range, other: Range): boolean {
  return isIn(one.start, other) && isIn(other.start, one) && isIn(one.end, other) && isIn(other.end, one);
}

/** Marks the parts at the cursor. */
function mark(cursor: Place | null): void {
  for (const row of main.querySelectorAll<HTMLElement>("tr[data-range]")) {
    const range = JSON.parse(row.dataset.range!) as Range;
    row.classList.toggle("current", cursor !== null && isIn(cursor, range));
  }
}

function link(kind: string, text: string, range: Range): HTMLElement {
  const found = make("button", kind, text);
  found.title = "Show it in the text";
  found.addEventListener("click", () => vscode.postMessage({ type: "reveal", range }));
  return found;
}

function make(tag: string, kind = "", text = ""): HTMLElement {
  const found = document.createElement(tag);
  found.className = kind;
  found.textContent = text;
  return found;
}
