// Asking the node: a token from the URL's fragment, which no server ever sees, kept for this tab only.

const KEY = "web3rec-token";

export class Refused extends Error {
  constructor(code, text, status) {
    super(text);
    this.code = code;
    this.status = status;
  }
}

export function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, "", location.pathname);
  }
}

export const keepToken = (token) => sessionStorage.setItem(KEY, token);

function headers() {
  const token = sessionStorage.getItem(KEY);
  return token ? { Authorization: `Bearer ${token}` } : {};
}

export async function ask(method, path, body) {
  const init = { method, headers: headers(), cache: "no-store" };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers["Content-Type"] = "application/json";
  }
  let answer;
  try {
    answer = await fetch(path, init);
  } catch {
    throw new Refused("unreachable", "The node does not answer. Is it still running?", 0);
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw new Refused(told.code ?? "unknown", told.title ? `${told.title}: ${told.detail}.` : "The node refused.", answer.status);
  }
  return told;
}

// Reads the event stream until it ends; EventSource cannot send a token.
export async function listen(heard) {
  const answer = await fetch("/v1/events", { headers: headers(), cache: "no-store" });
  if (!answer.ok) throw new Refused("unknown", "No events.", answer.status);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = Object.fromEntries(block.split("\n").map((l) => [l.split(":", 1)[0], l.slice(l.indexOf(":") + 1).trim()]));
      if (lines.event) heard(lines.event, JSON.parse(lines.data ?? "{}"));
    }
  }
}
