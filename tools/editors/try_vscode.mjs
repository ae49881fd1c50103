// Tries the extension in a real VS Code: code-server, driven in headless Chromium.
//
//   node try_vscode.mjs MODULES CODE_SERVER VSIX LRDSL OUT
//
// MODULES has puppeteer-core, CODE_SERVER is the folder of that package, LRDSL the command, and OUT
// gets the screenshots: look at them. It fails if something is not on the screen at all.

import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import path from "node:path";

const [modules, codeServer, vsix, lrdsl, out] = process.argv.slice(2).map((one) => path.resolve(one));
const puppeteer = createRequire(path.join(modules, "x.js"))("puppeteer-core");
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";

const FILES = {
  "good.lrs": `# ResNet-50 on ImageNet
param peak = 0.4

lr: warmup(5ep) >> cosine(85ep, peak, 4e-4)
momentum: const(value = 0.9)
`,
  "wrong.lrs": "run total = 90ep, 1ep = 1251st\n\nwarmup(5ep) >> cosin(85ep, 0.4, 4e-4)\n",
  "warned.lrs": "run total = 90ep, 1ep = 1251st\n\nwarmup(5ep) >> cosine(90ep, 0.4, 4e-4)\n",
  "unknown.lrs": "warmup(5%) >> cosine(20ep) >> linear(rest, end = 0)\n",
  "empty.lrs": "",
  "shapes.lrs": `## Falls ever faster.
shape drop(length: steps, power = 2) where power > 0 =
  base * (1 - u ^ power)

let warm = 5ep  # epochs
lr["head"]: warmup(warm, ease = half_cosine) >> drop(20ep, power = 3) >> const(value = prev / 10)
lr: repeat(warmup(10ep) >> cosine(20ep, end = base / 100), 3)
`,
  "config.yaml": `trainer: {max_epochs: 90, devices: 8}
optimizer:
  name: SGD
  lr: 0.4
  schedule: !lrs warmup(5ep) >> cosine(85ep, end = 1e-3)
  momentum: !lrs "const(value = 0.9)"
head:
  schedule: !lrs |
    # slower, and longer
    let warm = 10ep
    warmup(warm)
      >> cosine(rest, end = base / 100)
`,
};

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const home = fs.mkdtempSync(path.join(os.tmpdir(), "lrdsl-vscode-"));
const [data, extensions, folder] = ["data", "extensions", "schedules"].map((one) => path.join(home, one));
fs.mkdirSync(path.join(data, "User"), { recursive: true });
fs.mkdirSync(folder);
fs.mkdirSync(out, { recursive: true });
for (const [name, text] of Object.entries(FILES)) {
  fs.writeFileSync(path.join(folder, name), text);
}

const SETTINGS = {
  "workbench.colorTheme": "Default Dark Modern",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "editor.fontSize": 15,
  "editor.minimap.enabled": false,
  "files.autoSave": "off",
  "security.workspace.trust.enabled": false,
  "chat.commandCenter.enabled": false,
};
function set(changes) {
  Object.assign(SETTINGS, changes);
  fs.writeFileSync(path.join(data, "User", "settings.json"), JSON.stringify(SETTINGS, null, 2));
}
/** The command is a setting of the machine that VS Code runs on, which here is not the browser's. */
function setCommand(command) {
  fs.mkdirSync(path.join(data, "Machine"), { recursive: true });
  const settings = { "lrdsl.path": command };
  fs.writeFileSync(path.join(data, "Machine", "settings.json"), JSON.stringify(settings));
}
/** Changes settings, and starts the window again: it does not notice files that change. */
async function restart(changes) {
  set(changes);
  await page.reload({ waitUntil: "domcontentloaded" });
  await page.waitForSelector(".monaco-workbench .explorer-folders-view .monaco-list-row", { timeout: 120000 });
  await page.waitForFunction(() => /lrdsl/.test(document.querySelector(".statusbar")?.innerText), { timeout: 120000 });
}

const entry = path.join(codeServer, "out", "node", "entry.js");
const common = ["--user-data-dir", data, "--extensions-dir", extensions];
function installed() {
  const done = spawnSync(process.execPath, [entry, ...common, "--install-extension", vsix], { encoding: "utf8" });
  if (done.status !== 0) {
    throw new Error(`the extension cannot be installed:\n${done.stdout}${done.stderr}`);
  }
}

function port() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

let page;
const faults = [];
function check(what, found) {
  console.log(`${found ? "ok     " : "MISSING"} ${what}`);
  if (!found) {
    faults.push(what);
  }
}
/** Waits until a function of the page is true; false if it is not in time. */
const until = (fn, ...rest) =>
  page.waitForFunction(fn, { timeout: 30000, polling: 200 }, ...rest).then(() => true, () => false);
const shot = async (name) => {
  await wait(600);
  await page.screenshot({ path: path.join(out, `${name}.png`) });
};
const chord = async (...keys) => {
  for (const key of keys) await page.keyboard.down(key);
  for (const key of keys.reverse()) await page.keyboard.up(key);
};
async function open(name) {
  const row = await page.waitForFunction(
    (name) => [...document.querySelectorAll(".explorer-folders-view .monaco-list-row")].find((one) => one.innerText.trim() === name),
    { timeout: 30000 },
    name,
  );
  await row.asElement().click({ count: 2 });
  await until((name) => document.querySelector(".editor-group-container.active .tab.active")?.innerText.trim() === name, name);
}
async function command(title) {
  await page.keyboard.press("F1");
  await page.waitForSelector(".quick-input-widget input");
  await page.keyboard.type(title);
  await wait(800);
  await page.keyboard.press("Enter");
}
/** The middle of a word in the text. */
async function place(word) {
  return page.evaluate((word) => {
    for (const line of document.querySelectorAll(".editor-group-container.active .view-line")) {
      const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const at = node.textContent.indexOf(word);
        if (at >= 0) {
          const range = document.createRange();
          range.setStart(node, at);
          range.setEnd(node, at + word.length);
          const box = range.getBoundingClientRect();
          return [box.x + box.width / 2, box.y + box.height / 2];
        }
      }
    }
    return null;
  }, word);
}
/** What is in the panel. */
async function panel() {
  for (const frame of page.frames()) {
    const found = await frame.evaluate(() => {
      const main = document.getElementById("main");
      return main && { svg: main.querySelectorAll("svg path").length, text: main.innerText, stale: !!main.querySelector(".stale") };
    }).catch(() => null);
    if (found) return found;
  }
  return null;
}
async function shows(test) {
  for (let k = 0; k < 60; k++) {
    const found = await panel();
    if (found && test(found)) return true;
    await wait(250);
  }
  console.log("panel:", await panel());
  return false;
}
const colors = () =>
  page.evaluate(() => new Set([...document.querySelectorAll(".editor-group-container.active .view-line span[class^=mtk]")].map((one) => getComputedStyle(one).color)).size);
const status = () =>
  page.evaluate(() => [...document.querySelectorAll(".statusbar-item")].map((one) => one.innerText.trim()).find((one) => /lrdsl/.test(one)) ?? "");

async function tour() {
  await open("good.lrs");
  check("colors", (await until(() => new Set([...document.querySelectorAll(".view-line span[class^=mtk]")].map((one) => one.className)).size >= 5)));
  check("a button in the title", await until(() => document.querySelector('.title-actions [aria-label*="Show the curve"], .editor-actions [aria-label*="Show the curve"]')));
  check("what is missing of the run", await until(() => /updates per epoch/.test(document.querySelector(".statusbar")?.innerText)));
  await shot("01-open");
  await (await page.$('.editor-actions [aria-label*="Show the curve"], .title-actions [aria-label*="Show the curve"]'))?.click();
  check("the curve", await shows((found) => found.svg > 3 && /cosine/.test(found.text)));
  await shot("02-curve");

  await page.mouse.move(...(await place("cosine")));
  check("a hover", await until(() => document.querySelector(".monaco-hover:not(.hidden) .monaco-hover-content")));
  await wait(1500);
  await shot("03-hover");
  await page.mouse.move(5, 5);

  await page.mouse.click(...(await place("cosine")));
  await chord("End");
  await page.keyboard.type(" >> lin");
  check("completion", await until(() => document.querySelector(".suggest-widget.visible .monaco-list-row")));
  await wait(1200);
  await shot("04-completion");
  await page.keyboard.press("Escape");
  await page.keyboard.type("ear(10ep, ");
  check("the signature", await until(() => document.querySelector(".parameter-hints-widget.visible")));
  await wait(1000);
  await shot("05-signature");
  await page.keyboard.press("Escape");
  await page.keyboard.type("0.1)");
  check("the curve as you type", await shows((found) => /linear/.test(found.text)));
  await shot("06-typed");
  await page.keyboard.press("Backspace");
  await page.keyboard.type(" + + ");
  check("the curve of a text with an error", await shows((found) => /does not belong/.test(found.text) && found.svg > 3));
  await shot("07-error");
  await page.keyboard.press("Escape");
  await command("File: Revert File");
  await shows((found) => !found.stale && !/linear/.test(found.text));

  await command("lrdsl: Describe the run");
  await until(() => document.querySelector(".quick-input-widget:not([style*='display: none']) input"));
  await wait(500);
  await shot("08-describe");
  await page.keyboard.type("1251");
  await page.keyboard.press("Enter");
  await until(() => document.querySelector(".quick-input-widget")?.style.display === "none");
  check("the run, described", await shows((found) => /6,255/.test(found.text)));
  await shot("09-described");

  await open("wrong.lrs");
  check("squiggles", await until(() => document.querySelector(".squiggly-error")));
  await page.mouse.click(...(await place("cosin")));
  await wait(500);
  await chord("Control", "Period");
  check("quick fixes", await until(() => document.querySelector(".action-widget .monaco-list-row")));
  await wait(700);
  await shot("10-quick-fix");
  await page.keyboard.press("Escape");
  await page.mouse.move(...(await place("cosin")));
  await until(() => document.querySelector(".monaco-hover:not(.hidden) .monaco-hover-content"));
  await wait(1500);
  await shot("11-error-hover");
  await page.mouse.move(5, 5);

  await open("warned.lrs");
  check("a warning", await until(() => document.querySelector(".squiggly-warning")));
  await shot("12-warned");
  await open("unknown.lrs");
  await wait(1500);
  await shot("13-unknown");
  await open("empty.lrs");
  await wait(1500);
  await shot("14-empty");
  await open("shapes.lrs");
  await wait(2500);
  await shot("15-shapes");
  await open("config.yaml");
  check("curves of a config", await shows((found) => /config\.yaml, line/.test(found.text)));
  await wait(1500);
  console.log("colors in yaml:", await colors(), "| status:", await status());
  await shot("16-yaml");

  for (const [theme, name] of [["Default Light Modern", "light"], ["Default High Contrast", "contrast"]]) {
    await restart({ "workbench.colorTheme": theme });
    await open("config.yaml");
    check(`the panel of an earlier session, ${name}`, await shows((found) => /config\.yaml, line/.test(found.text)));
    await shot(`17-yaml-${name}`);
    await open("good.lrs");
    await wait(2000);
    await shot(`18-good-${name}`);
  }
  await restart({ "workbench.colorTheme": "Default Light Modern", "lrdsl.inlayHints": true });
  await open("shapes.lrs");
  check("parts inside parts", await shows((found) => /repeat/.test(found.text)));
  await wait(1500);
  await shot("19-hints-light");
  setCommand("/nowhere/lrdsl");
  await restart({ "workbench.colorTheme": "Default Dark Modern" });
  await open("good.lrs");
  check("what to install", await until(() => /pip install/.test(document.querySelector(".notifications-toasts")?.innerText)));
  check("what to install, in the panel", await shows((found) => /pip install/.test(found.text)));
  await shot("20-missing");
  check("one message", (await page.evaluate(() => document.querySelectorAll(".notification-toast").length)) === 1);
}

set({});
setCommand(lrdsl);
installed();
const number = await port();
const server = spawn(
  process.execPath,
  [entry, ...common, "--auth", "none", "--bind-addr", `127.0.0.1:${number}`, "--disable-telemetry", "--disable-update-check", "--disable-workspace-trust"],
  { stdio: ["ignore", "pipe", "pipe"] },
);
await new Promise((resolve) => server.stdout.on("data", (text) => /HTTP server listening/.test(text) && resolve()));
const browser = await puppeteer.launch({
  executablePath: chromium,
  headless: true,
  args: ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  page = await browser.newPage();
  await page.setViewport({ width: 1440, height: 810 });
  await page.goto(`http://127.0.0.1:${number}/?folder=${folder}`, { waitUntil: "domcontentloaded", timeout: 60000 });
  await page.waitForSelector(".monaco-workbench .explorer-folders-view .monaco-list-row", { timeout: 120000 });
  await wait(3000);
  await tour();
} catch (error) {
  faults.push(String(error));
  await shot("99-last");
} finally {
  await browser.close();
  server.kill();
  const logs = spawnSync("find", [data, "-name", "*lrdsl.log"], { encoding: "utf8" }).stdout.trim();
  for (const file of logs.split("\n").filter(Boolean)) fs.copyFileSync(file, path.join(out, "lrdsl.log"));
  fs.rmSync(home, { recursive: true, force: true });
}
console.log(`screenshots: ${out}`);
if (faults.length > 0) {
  console.error(`missing: ${faults.join("; ")}`);
  process.exitCode = 1;
}
