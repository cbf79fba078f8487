// Everybody else's phone: made once, then brought up to date without disturbing what is typed.
import { Pad, waitsFor } from "./pad.js";
import { Habits, Heard, keepFocus, legOf, make } from "./parts.js";
import { Reply, Thread } from "./texts.js";

export class Handset {
  constructor(phone, act, speak) {
    const name = phone.role === "other" ? "Desk / other number" : phone.name;
    this.id = `phone-${phone.name}`;
    this.act = act;
    this.heard = new Heard(speak);
    this.pad = new Pad(this.id, (key) => act.post(`calls/${this.leg.sid}/keys`, { keys: key }));
    this.thread = new Thread(this.id);
    this.reply = new Reply(this.id, phone.name, act, "Reply");
    this.reply.number = phone.number;
    this.habits = new Habits(phone.name, act, phone.number);
    this.state = make("span", { class: "state", role: "status", "data-testid": `${this.id}-state` });
    this.ringing = make("div", { class: "row", hidden: true },
      this.button("answer", "Answer", "go"), this.button("reject", "Reject", "stop"), this.button("mailbox", "Let it go to the mailbox", ""));
    this.ending = make("div", { class: "row", hidden: true }, this.button("hangup", "Hang up", "stop", "hang-up"));
    this.node = make("section", { class: "phone", tabindex: "-1", "data-testid": this.id, "aria-label": `Phone of ${phone.name}` },
      make("div", { class: "top" }, make("h2", {}, name), make("span", { class: "role" }, about(phone))),
      this.state, this.ringing, this.heard.list, this.pad.node, this.ending, this.thread.node, this.reply.node, this.habits.node);
    this.node.addEventListener("keydown", (event) => this.pad.typed(event));
  }

  button(slug, label, css, action = slug) {
    return make("button", { type: "button", class: css, "data-testid": `${this.id}-${slug}`, onclick: () => this.act.post(`calls/${this.leg.sid}/${action}`) }, label);
  }

  show(phone, knobs) {
    const { leg, on, rings } = legOf(phone);
    const talks = on && !rings && (leg.outgoing || leg.state === "in-progress");
    this.leg = leg;
    keepFocus(this.node, () => this.change(leg, talks, rings), () => (talks ? this.pad.node : this.node));
    this.state.textContent = rings ? `Rings: ${leg.other}` : talks ? talking(leg) : "";
    this.heard.show(talks ? leg : null);
    this.thread.show(phone.messages);
    this.habits.show(knobs);
  }

  change(leg, talks, rings) {
    this.node.classList.toggle("ringing", rings);
    this.ringing.hidden = !rings;
    this.ending.hidden = !talks;
    this.state.classList.toggle("asked", Boolean(talks && leg.menu));
    this.pad.show(leg, talks);
  }
}

function talking(leg) {
  return leg.waits === "talk" ? `Talking with ${leg.other}` : `With ${leg.other}. ${waitsFor(leg)}`;
}

function about(phone) {
  return ["desk", "other"].includes(phone.role) ? phone.number : `${phone.role} ${phone.number}`;
}
