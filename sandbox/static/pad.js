// The keypad: buttons, and the digits of the keyboard. While a menu waits it is large, and a line says for what.
import { make } from "./parts.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const NAMES = { "*": "star", "#": "hash" };
const TYPED_INTO = "select, textarea, input:not([type=checkbox]):not([type=file])";

export class Pad {
  constructor(prefix, press) {
    this.press = press;
    this.node = make("div", { class: "keys", role: "group", "aria-label": "Keypad", tabindex: "-1", hidden: true },
      ...KEYS.map((key) => make("button", {
        type: "button", "aria-label": `Key ${NAMES[key] ?? key}`, "data-testid": `${prefix}-key-${key}`, onclick: () => press(key),
      }, key)));
  }

  show(leg, on) {
    this.node.hidden = !on;
    this.node.classList.toggle("asked", Boolean(on && leg.menu));
  }

  // Digits typed anywhere on the phone are keys of it, but not those typed into a field.
  typed(event) {
    if (this.node.hidden || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (!KEYS.includes(event.key) || event.target.matches(TYPED_INTO)) return;
    event.preventDefault();
    this.press(event.key);
  }
}

// What a phone on a call waits for, in a few words.
export function waitsFor(leg) {
  if (leg.menu) return menu(leg);
  if (leg.waits === "record") return leg.said ? "Recording: go on, press # or hang up" : "Tone heard: leave a message";
  return { talk: "Talking", dial: "Ringing somebody: wait, or hang up" }[leg.waits] ?? (leg.state === "ringing" ? "Calling" : "Connected");
}

function menu(leg) {
  const { keys, most, finish } = leg.menu;
  const before = leg.outgoing && !leg.heard_tone ? "the tone" : "what comes next";
  if (most === 1) return `Menu: press a key, or wait for ${before}`;
  const end = finish ? `, then ${finish}` : "";
  return keys ? `Menu: ${keys} typed${finish ? `, ${finish} ends it` : ""}` : `Menu: type a number${end}, or wait for ${before}`;
}
