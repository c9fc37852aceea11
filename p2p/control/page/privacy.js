// What leaves this device: the level, the outbox, and forgetting.

import { ask } from "./api.js";
import { $, count, el, fill, when } from "./dom.js";

const LEVELS = [
  ["0 · Nothing", "You hear others; nothing you do leaves this device."],
  ["1 · Likes and trust, blurred", "What you like, share or collect, and whom you trust; items as hashes, days instead of times."],
  ["2 · Listens, too", "Also what you listen to, in coarse counts, at most 50 at a time."],
  ["3 · Everything, exactly", "Exact times, and items by their names. Anybody can read it."],
];
let present = 0;

export function prepareLevels(act) {
  fill($("levels"), LEVELS.map(([name, meaning], level) => {
    const radio = el("input", { type: "radio", name: "level", value: String(level), id: `level-${level}` });
    radio.addEventListener("change", compare);
    return el("label", { className: "level", htmlFor: `level-${level}` }, radio, el("span", {}, name), el("small", {}, meaning));
  }));
  $("private").addEventListener("change", () => act(async () => {
    const wanted = $("private").checked;
    $("private").checked = !wanted; // until the node says so
    showPrivate(await ask("PUT", "/v1/private", { private: wanted }));
  }));
  $("level-form").addEventListener("submit", (event) => {
    event.preventDefault();
    act(async () => {
      showLevel((await ask("PUT", "/v1/level", { level: chosen() })).level);
      await showOutbox();
    });
  });
}

const chosen = () => Number(document.querySelector("input[name=level]:checked")?.value ?? present);

function compare() {
  const wanted = chosen();
  $("level-set").disabled = wanted === present;
  $("level-hint").textContent = wanted > present ? "More will leave, from now on; not what is past."
    : wanted < present ? "Less will leave from now on; what has left already stays with others." : "";
}

export function showLevel(level) {
  present = level;
  $(`level-${level}`).checked = true;
  document.querySelectorAll("#levels .level").forEach((one, i) => one.classList.toggle("now", i === level));
  compare();
}

export function showPrivate(told) {
  $("private").checked = told.private;
  $("private").closest(".level").classList.toggle("now", told.private);
}

export async function showOutbox() {
  const found = await ask("GET", "/v1/outbox");
  $("outbox-count").textContent = count(found.records.length);
  $("n-waiting").textContent = found.records.length ? `${count(found.records.length)} waiting` : "";
  fill($("outbox"), found.records.slice(0, 100).map((one) => el("tr", {},
    el("td", {}, one.kind),
    el("td", { className: "mono cut", title: `${one.item}\n\nenvelope: ${one.envelope}` }, one.item),
    el("td", { className: "cut" }, one.known_as),
    el("td", {}, one.crowded ? "when there is room" : when(Date.parse(one.due.replace(" ", "T")))),
    el("td", { className: "num" }, String(one.bytes)))));
}

function wish() {
  const what = $("forget-what").value;
  if (what === "item") return { item: $("forget-item").value.trim() };
  if (what === "all") return { all: true };
  return { since: Date.now() - (what === "hour" ? 3_600_000 : 86_400_000) };
}

export function prepareForget(act, changed) {
  let planned = null;
  const clear = () => { planned = null; $("forget-plan").hidden = true; };
  $("forget-what").addEventListener("change", () => {
    $("forget-item-box").hidden = $("forget-what").value !== "item";
    $("forget-item").required = $("forget-what").value === "item";
    clear();
  });
  $("forget-form").addEventListener("submit", (event) => {
    event.preventDefault();
    act(async () => {
      const asked = wish();
      const plan = await ask("POST", "/v1/forget", { ...asked, rehearse: true });
      const entries = Object.entries(plan.removed).filter(([, n]) => n > 0).map(([what, n]) => `${count(n)} ${what}`);
      planned = entries.length ? asked : null;
      $("forget-text").textContent = entries.length
        ? `This would erase ${entries.join(", ")}, and send ${count(plan.retractions)} retractions. It cannot be undone.`
        : "Nothing of that is here.";
      $("forget-do").hidden = !entries.length;
      $("forget-cancel").textContent = entries.length ? "Keep it" : "Close";
      $("forget-plan").hidden = false;
    });
  });
  $("forget-cancel").addEventListener("click", clear);
  $("forget-do").addEventListener("click", () => act(async () => {
    if (planned) await ask("POST", "/v1/forget", planned);
    clear();
    await changed();
  }));
}
