// The status page: looks at the node, listens to its events, and says what its user wants.

import { ask, keepToken, listen, takeToken } from "./api.js";
import { $, Flow, count } from "./dom.js";
import { isRead, prepareTrust, showList, showPeople, stale } from "./lists.js";
import { prepareDial, showPeers } from "./network.js";
import { prepareForget, prepareLevels, showLevel, showOutbox, showPrivate } from "./privacy.js";

const flow = new Flow();
let counts = null;
let before = null;
let state = "";

// Runs what the user wanted; a refusal is shown, and stays until the next thing wanted.
async function act(wanted) {
  $("trouble").hidden = true;
  return watch(wanted);
}

// Runs what nobody asked for: it must not wipe off what the user was told.
async function watch(wanted) {
  try {
    return await wanted();
  } catch (error) {
    trouble(error);
    return undefined;
  }
}

function trouble(error) {
  if (error.status === 401) {
    $("page").hidden = true;
    $("gate").hidden = false;
    showState("locked");
    $("token").focus();
    return;
  }
  $("trouble").textContent = error.code ? error.message : `This page made a mistake: ${error.message}`;
  $("trouble").hidden = false;
}

function showState(now) {
  state = now;
  const word = now.split(":")[0];
  const texts = { running: "on the network", paused: "paused: off the network", locked: "locked", closed: "closed" };
  $("state").textContent = texts[word] ?? now;
  $("state").className = `state ${word}`;
  $("pause").textContent = word === "paused" ? "Resume" : "Pause";
  $("pause").disabled = !["running", "paused", "starting", "failed"].includes(word);
  $("sync").disabled = word !== "running";
}

function showCounts(now) {
  counts = now;
  $("n-stored").textContent = count(now.records_stored);
  $("n-sent").textContent = count(now.records_sent);
  $("n-rejected").textContent = now.records_rejected ? `${count(now.records_rejected)} refused` : "";
}

function showCrowd(now) {
  $("n-peers").textContent = count(now.connected);
  $("n-sides").textContent = now.connected ? `${now.out} out, ${now.in} in` : "";
}

async function showAll() {
  const status = await ask("GET", "/v1/status");
  $("gate").hidden = true;
  $("page").hidden = false;
  showState(status.state);
  showCounts(status);
  $("did").textContent = status.did;
  $("version").textContent = `web3rec ${status.version}`;
  showLevel(status.level);
  showPrivate(await ask("GET", "/v1/private"));
  $("n-peers").textContent = count(status.peers.length);
  await Promise.all([showList(act), showPeople(act), showPeers(act), showOutbox()]);
  return true;
}

// A busy network changes lists all the time: they are made anew every five seconds at most.
let waiting = 0;
let renewed = 0;
function soon() {
  if (waiting) return;
  waiting = setTimeout(() => {
    waiting = 0;
    renewed = Date.now();
    watch(() => Promise.all([isRead() ? stale() : showList(act), showPeople(act), showOutbox()]));
  }, Math.max(400, renewed + 5000 - Date.now()));
}

function heard(kind, data) {
  if (kind === "state") showState(data.state);
  if (kind === "records") showCounts(data);
  if (kind === "recommendations_changed") soon();
  if (kind === "closing") showState("closed");
  if (kind === "peers") {
    showCrowd(data);
    watch(() => showPeers(act));
  }
}

// Listens for ever: after an end, again, ever more slowly.
async function follow() {
  for (let rest = 1; ; rest = Math.min(30, 2 * rest)) {
    const began = Date.now();
    try {
      await listen(heard);
    } catch (error) {
      if (error.status === 401) return;
    }
    showState("not reachable");
    if (Date.now() - began > 60_000) rest = 1;
    await new Promise((done) => setTimeout(done, 1000 * rest));
    await watch(showAll).then((shown) => { if (shown) $("trouble").hidden = true; });
  }
}

function beat() {
  if (!counts) return;
  const arrived = before ? Math.max(0, counts.records_received - before.records_received) : 0;
  const left = before ? Math.max(0, counts.records_sent - before.records_sent) : 0;
  before = counts;
  flow.push(arrived, left);
}

async function begin() {
  if ((await act(showAll)) || $("gate").hidden) follow();
}

prepareLevels(act);
prepareTrust(act);
prepareDial(act);
prepareForget(act, showAll);
$("list-again").addEventListener("click", () => act(() => showList(act)));
$("sync").addEventListener("click", () => act(() => ask("POST", "/v1/sync")));
$("pause").addEventListener("click", () => act(async () => {
  showState((await ask("POST", state === "paused" ? "/v1/resume" : "/v1/pause")).state);
}));
$("gate-form").addEventListener("submit", (event) => {
  event.preventDefault();
  keepToken($("token").value.trim());
  begin();
});
setInterval(beat, 1000);
takeToken();
begin();
