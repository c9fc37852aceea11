// The list with its reasons, and whom the ego trusts.

import { ask } from "./api.js";
import { $, count, el, fill, shortened } from "./dom.js";

const ROLES = { pool: "your other friends", self: "your own catalogue", everyone: "everyone" };

export async function showList(act) {
  const found = await ask("GET", "/v1/recommendations?limit=12");
  $("list-note").textContent = found.note ? `Note: ${found.note}.` : "";
  $("list-empty").hidden = found.items.length > 0;
  fill($("list"), found.items.map((one) => place(one, found.batch, act)));
}

// Whether somebody is reading the list: then it is not pulled away, only said to be old.
export const isRead = () => $("list").contains(document.activeElement)
  || document.querySelector("#list .why:not([hidden])") !== null;

export function stale() {
  $("list-note").textContent = "The list may have changed: Refresh shows it anew.";
}

function place(one, batch, act) {
  const why = el("div", { className: "why", hidden: true });
  const ask_why = el("button", { type: "button", className: "link", "aria-expanded": "false", textContent: "Why?" });
  ask_why.addEventListener("click", () => act(async () => {
    if (why.hidden) fill(why, grounds(await ask("GET", `/v1/explanations?${new URLSearchParams({ item: one.id, batch })}`)));
    why.hidden = !why.hidden;
    ask_why.setAttribute("aria-expanded", String(!why.hidden));
  }));
  const answer = (label, event) => {
    const button = el("button", { type: "button", className: "link", textContent: label, "aria-label": `${label}: ${one.title || one.id}` });
    button.addEventListener("click", () => act(async () => {
      await ask("POST", "/v1/acts", { acts: [{ event, item: one.id, batch }] });
      await showList(act);
      const places = document.querySelectorAll("#list > li");
      places[Math.min(one.rank, places.length) - 1]?.querySelector("button").focus();
    }));
    return button;
  };
  return el("li", {},
    el("div", {}, el("span", { className: "title" }, one.title || one.id), el("span", { className: "by" }, one.creator ? ` · ${one.creator}` : "")),
    el("p", { className: "reason" }, sentence(one.reason)),
    el("div", { className: "tools" }, ask_why, answer("Like", "like"), answer("Not for me", "not_interested")),
    why);
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function grounds(told) {
  const through = (part) => part.name || (part.peer ? shortened(part.peer) : ROLES[part.role] ?? part.role);
  const parts = told.contributions.flatMap((part) => {
    const share = told.score > 0 ? part.amount / told.score : 0;
    return [el("dt", {}, through(part)), el("dd", {}, el("progress", { max: 1, value: share, "aria-label": through(part) })),
      el("dd", {}, `${Math.round(100 * share)} %`)];
  });
  const line = told.path
    ? [el("p", {}, "The strongest line: you → “", told.path.own_title || told.path.own, "” → ",
        nameOf(told, told.path.peer), vouch(told), " → this item.")]
    : [];
  return [...line, el("p", {}, "Who stands behind it:"), el("dl", {}, ...parts)];
}

function nameOf(told, peer) {
  const known = told.contributions.find((part) => part.peer === peer && part.name);
  return known ? known.name : shortened(peer);
}

function vouch(told) {
  const { via, peer } = told.path;
  return via && via !== peer ? ` (${nameOf(told, via)} vouches)` : "";
}

export async function showPeople(act) {
  const { people } = await ask("GET", "/v1/trust");
  const shown = people.filter((one) => one.trust !== null || one.blocked);
  $("people-empty").hidden = shown.length > 0;
  if ($("people").contains(document.activeElement)) return; // never pull a slider from under a hand
  fill($("people"), shown.map((one) => person(one, act)));
}

function person(one, act) {
  const called = one.name || shortened(one.peer);
  const path = `/v1/trust/${encodeURIComponent(one.peer)}`;
  const who = el("span", { className: "who", title: one.peer }, called,
    el("small", {}, one.blocked ? "blocked: not heard" : `${count(one.records)} ${one.records === 1 ? "record" : "records"} here`));
  const shown = el("output", {}, one.trust === null ? "–" : String(one.trust));
  const slider = el("input", { type: "range", min: 0.125, max: 1, step: 0.125, value: one.trust ?? 0.125,
    disabled: one.trust === null, "aria-label": `Trust in ${called}` });
  slider.addEventListener("input", () => { shown.value = slider.value; });
  slider.addEventListener("change", () => act(() => ask("PUT", path, { weight: Number(slider.value), name: one.name })));
  const remove = el("button", { type: "button", className: "link", "aria-label": `Remove ${called}` }, "Remove");
  remove.addEventListener("click", () => act(async () => {
    if (one.trust !== null) await ask("DELETE", path);
    if (one.blocked) await ask("DELETE", `/v1/blocks/${encodeURIComponent(one.peer)}`);
    remove.blur();
    await showPeople(act);
  }));
  return el("li", {}, who, slider, shown, remove);
}

export function prepareTrust(act) {
  $("trust-weight").addEventListener("input", () => { $("trust-shown").value = $("trust-weight").value; });
  $("trust-form").addEventListener("submit", (event) => {
    event.preventDefault();
    act(async () => {
      const peer = $("trust-peer").value.trim();
      await ask("PUT", `/v1/trust/${encodeURIComponent(peer)}`,
        { weight: Number($("trust-weight").value), name: $("trust-name").value.trim() });
      $("trust-form").reset();
      $("trust-shown").value = $("trust-weight").value;
      await showPeople(act);
    });
  });
}
