// The page of `lrdsl serve`: what the server says of the files, whenever they are saved.

import { Page, short } from "./page.js";

const status = document.querySelector("#status"), lost = document.querySelector("#lost");

async function ask(document, schedule, { params = new Map(), first, last }) {
  const query = new URLSearchParams({ document, schedule });
  for (const [name, value] of params) query.append("set", `${name}=${value}`);
  if (first !== undefined) query.set("first", first);
  if (last !== undefined) query.set("last", last);
  const answer = await fetch(`view?${query}`);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

const page = new Page({
  charts: document.querySelector("#charts"),
  cards: document.querySelector("#cards"),
  parts: document.querySelector("#parts"),
  ask,
});

const events = new EventSource("events");
events.onopen = () => {
  status.textContent = "Follows the saved files";
  status.className = "live";
  lost.hidden = true;
};
events.onerror = () => {
  status.textContent = "Not connected";
  status.className = "";
  lost.hidden = false;
};
events.onmessage = (event) => {
  page.show(JSON.parse(event.data));
  const names = page.documents.map((one) => short(one.name));
  const isWrong = page.documents.some((one) => one.message || one.schedules.some((schedule) => schedule.view?.diagnostics.some((found) => found.severity === "error")));
  document.title = `${isWrong ? "✗ " : ""}${names.join(", ")} · lrdsl`;
  document.documentElement.dataset.renewed = String(Number(document.documentElement.dataset.renewed ?? 0) + 1);
};
