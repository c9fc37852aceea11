// Building blocks of the page. Every text comes in as text, never as markup: titles are strangers' words.

export const $ = (id) => document.getElementById(id);

// An element with properties and children; a string child becomes a text node.
export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("aria-") || name === "role" || name === "scope") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

export function fill(parent, children) {
  parent.replaceChildren(...children);
}

export function when(ms) {
  return ms == null ? "" : new Date(ms).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}

export const count = (n) => n.toLocaleString();

export function shortened(key) {
  const bare = key.replace("did:key:", "");
  return bare.length > 16 ? `${bare.slice(0, 8)}…${bare.slice(-5)}` : bare;
}

// Lines of the last two minutes, in an SVG of 240 by 48.
export class Flow {
  constructor() {
    this.in = Array(120).fill(0);
    this.out = Array(120).fill(0);
  }

  push(arrived, left) {
    this.in = [...this.in.slice(1), arrived];
    this.out = [...this.out.slice(1), left];
    const most = Math.max(1, ...this.in, ...this.out);
    const line = (values) => values.map((v, i) => `${(i * 240) / 119},${46 - (44 * v) / most}`).join(" ");
    $("flow-in").setAttribute("points", line(this.in));
    $("flow-out").setAttribute("points", line(this.out));
    const sum = (values) => values.reduce((a, b) => a + b, 0);
    const said = `${count(sum(this.in))} records came in and ${count(sum(this.out))} went out`;
    $("flow").setAttribute("aria-label", said);
    $("flow-most").textContent = sum(this.in) + sum(this.out) ? `· most ${count(most)} a second` : "";
  }
}
