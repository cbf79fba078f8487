// A technician's or supervisor's phone: made once, then brought up to date without disturbing what is typed.
import { Habits, Heard, Pad, Thread, legOf, make } from "./parts.js";

export class Handset {
  constructor(phone, act, speak) {
    this.id = `phone-${phone.name}`;
    this.act = act;
    this.number = phone.number;
    this.heard = new Heard(speak);
    this.pad = new Pad(this.id, (key) => act.post(`calls/${this.leg.sid}/keys`, { keys: key }));
    this.thread = new Thread(this.id);
    this.habits = new Habits(phone.name, act, phone.number);
    this.state = make("span", { class: "state", role: "status" });
    this.ringing = make("div", { class: "row", hidden: true },
      this.button("answer", "Answer", "go"), this.button("reject", "Reject", "stop"), this.button("mailbox", "Let it go to the mailbox", ""));
    this.ending = make("div", { class: "row", hidden: true }, this.button("hangup", "Hang up", "stop", "hang-up"));
    this.node = make("section", { class: "phone", "data-testid": this.id, "aria-label": `Phone of ${phone.name}` },
      make("div", { class: "top" }, make("h2", {}, phone.name), make("span", { class: "role" }, `${phone.role} ${phone.number}`)),
      this.state, this.ringing, this.heard.list, this.pad.node, this.ending, this.thread.node, this.replying(phone), this.habits.node);
  }

  button(slug, label, css, deed = slug) {
    return make("button", { type: "button", class: css, "data-testid": `${this.id}-${slug}`, onclick: () => this.act.post(`calls/${this.leg.sid}/${deed}`) }, label);
  }

  replying(phone) {
    this.reply = make("input", { "data-testid": `${this.id}-reply`, "aria-label": `Text from ${phone.name}`, placeholder: "Reply", autocomplete: "off" });
    const form = make("form", { class: "row" }, this.reply, make("button", { "data-testid": `${this.id}-send` }, "Send"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    return form;
  }

  // What was typed goes only when the network took it.
  async send() {
    const body = this.reply.value;
    if (!body) return;
    this.reply.value = "";
    if (!(await this.act.post("messages", { from: this.number, body }))) this.reply.value ||= body;
  }

  show(phone, knobs) {
    const { leg, on, rings } = legOf(phone);
    const talks = on && leg.state === "in-progress";
    this.leg = leg;
    this.node.classList.toggle("ringing", rings);
    this.ringing.hidden = !rings;
    this.ending.hidden = this.pad.node.hidden = !talks;
    this.state.textContent = rings ? `Rings: ${leg.other}` : talks ? `On the phone with ${leg.other}` : "";
    this.heard.show(talks ? leg : null);
    this.thread.show(phone.messages);
    this.habits.show(knobs);
  }
}
