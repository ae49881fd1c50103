// The package, in a Python that runs in the browser, away from the page.

import { loadPyodide } from "./pyodide.mjs";

const started = performance.now();
const python = await loadPyodide({ indexURL: new URL("./", import.meta.url).href });
const loaded = performance.now();
const wheels = await (await fetch(new URL("wheels.json", import.meta.url))).json();
await Promise.all(wheels.map(async (name) => {
  const answer = await fetch(new URL(name, import.meta.url));
  python.unpackArchive(await answer.arrayBuffer(), "zip");
}));
const answer = python.pyimport("lrdsl.page.playground").answer;
answer(JSON.stringify({ text: "warmup(5) >> cosine(20, 0.3)", fields: {}, want: "view" }));
postMessage({ ready: { python: loaded - started, all: performance.now() - started } });

onmessage = ({ data: { number, question } }) => {
  const start = performance.now();
  try {
    postMessage({ number, answer: answer(JSON.stringify(question)), took: performance.now() - start });
  } catch (error) {
    postMessage({ number, error: String(error) });
  }
};
