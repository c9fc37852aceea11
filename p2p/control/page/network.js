// Peers on the network: who, from which side, of what reputation; dial and ban.

import { ask } from "./api.js";
import { $, el, fill, shortened, when } from "./dom.js";

const SIDES = { out: "→ out", in: "← in" };
const SAID = { out: "we dialled", in: "they dialled" };

export async function showPeers(act) {
  const found = await ask("GET", "/v1/peers");
  $("peers-empty").hidden = found.peers.length > 0;
  $("peers-table").hidden = found.peers.length === 0;
  fill($("peers"), found.peers.map((one) => row(one, act)));
  fill($("unreachable"), [
    ...found.unreachable.map((one) => el("li", { className: "wrap" }, `Cannot be reached: ${one.address} (${one.why})`)),
    ...found.banned.map((one) => banned(one, act)),
  ]);
}

function row(one, act) {
  const ban = el("button", { type: "button", className: "link", "aria-label": `Ban ${shortened(one.peer)} for an hour` }, "Ban an hour");
  ban.addEventListener("click", () => act(async () => {
    await ask("POST", "/v1/peers/ban", { peer: one.peer, seconds: 3600 });
    await showPeers(act);
  }));
  return el("tr", {},
    el("td", { title: SAID[one.direction] }, SIDES[one.direction], el("span", { className: "sr" }, `: ${SAID[one.direction]}`)),
    el("td", { className: "mono", title: one.peer }, shortened(one.peer)),
    el("td", { className: "mono cut", title: one.address }, one.address.replace(/\/p2p\/.*/, "")),
    el("td", {}, when(one.since)),
    el("td", {}, when(one.synced)),
    el("td", { className: "num" }, one.reputation ? String(Math.round(100 * one.reputation) / 100) : "clean"),
    el("td", { className: "num" }, String(one.offences)),
    el("td", {}, ban));
}

function banned(one, act) {
  const undo = el("button", { type: "button", className: "link" }, "Let in again");
  undo.addEventListener("click", () => act(async () => {
    await ask("POST", "/v1/peers/unban", { peer: one.peer });
    await showPeers(act);
  }));
  return el("li", {}, `Banned until ${when(one.until)}: `, el("span", { className: "mono" }, shortened(one.peer)), " ", undo);
}

export function prepareDial(act) {
  $("dial-form").addEventListener("submit", (event) => {
    event.preventDefault();
    act(async () => {
      await ask("POST", "/v1/peers/dial", { address: $("dial").value.trim() });
      $("dial-form").reset();
      await showPeers(act);
    });
  });
}
