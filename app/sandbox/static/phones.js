// One phone as a part of the page: made once, then brought up to date without disturbing what is typed.
import { Microphone, toWav } from "./wav.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// What a leg heard, as a list; grows only.
class Heard {
  constructor(speak) {
    this.list = make("ul", { class: "heard", "aria-live": "polite", hidden: true });
    this.speak = speak;
    this.shown = 0;
  }

  show(leg) {
    if (!leg || leg.sid !== this.sid) {
      this.list.replaceChildren();
      this.shown = 0;
      this.sid = leg?.sid;
    }
    const items = leg ? leg.heard : [];
    this.list.hidden = items.length === 0;
    for (const item of items.slice(this.shown)) {
      this.list.append(this.line(item));
      if (item.text && this.speak) this.speak(item.text, item.language);
    }
    if (items.length > this.shown) this.list.scrollTop = this.list.scrollHeight;
    this.shown = items.length;
  }

  line(item) {
    if (item.play) return make("li", {}, make("audio", { controls: true, src: item.play, preload: "none" }));
    if (item.beep) return make("li", { class: "meta" }, "(tone: speak now)");
    return make("li", { lang: item.language }, item.text);
  }
}

class Pad {
  constructor(prefix, press) {
    this.node = make("div", { class: "keys", role: "group", "aria-label": "Keypad", hidden: true });
    for (const key of KEYS) {
      this.node.append(make("button", { type: "button", "data-testid": `${prefix}-key-${key}`, onclick: () => press(key) }, key));
    }
  }
}

// A technician's or supervisor's phone.
export class Handset {
  constructor(phone, act, speak) {
    const id = `phone-${phone.name}`;
    this.act = act;
    this.heard = new Heard(speak);
    this.pad = new Pad(id, (key) => act.post(`calls/${this.leg.sid}/keys`, { keys: key }));
    this.state = make("span", { class: "state", role: "status" });
    const button = (slug, label, css) =>
      make("button", { type: "button", class: css, "data-testid": `${id}-${slug}`, onclick: () => act.post(`calls/${this.leg.sid}/${slug === "hangup" ? "hang-up" : slug}`) }, label);
    this.ringing = make("div", { class: "row", hidden: true }, button("answer", "Answer", "go"), button("reject", "Reject", "stop"), button("mailbox", "Let it go to the mailbox", ""));
    this.ending = make("div", { class: "row", hidden: true }, button("hangup", "Hang up", "stop"));
    this.thread = make("ol", { class: "thread", "data-testid": `${id}-messages`, "aria-live": "polite" });
    this.reply = make("input", { "data-testid": `${id}-reply`, "aria-label": `Text from ${phone.name}`, placeholder: "Reply", autocomplete: "off" });
    const send = make("form", { class: "row" }, this.reply, make("button", { "data-testid": `${id}-send` }, "Send"));
    send.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.reply.value) return;
      act.post("messages", { from: phone.number, body: this.reply.value });
      this.reply.value = "";
    });
    this.node = make("section", { class: "phone", "data-testid": id, "aria-label": `Phone of ${phone.name}` },
      make("div", { class: "top" }, make("h2", {}, phone.name), make("span", { class: "role" }, `${phone.role} ${phone.number}`)),
      this.state, this.ringing, this.heard.list, this.pad.node, this.ending, this.thread, send);
  }

  show(phone) {
    const live = phone.legs.filter((leg) => !isOver(leg));
    this.leg = live.at(-1) ?? phone.legs.at(-1);
    const on = live.length > 0;
    const rings = on && this.leg.waits === "ring";
    this.node.classList.toggle("ringing", rings);
    this.ringing.hidden = !rings;
    this.ending.hidden = this.pad.node.hidden = !on || rings || this.leg.state !== "in-progress";
    this.state.textContent = on ? (rings ? `Rings: ${this.leg.other}` : `On the phone with ${this.leg.other}`) : "";
    this.heard.show(on && !rings ? this.leg : null);
    this.showThread(phone.messages);
  }

  showThread(messages) {
    const known = messages.map((m) => `${m.sid}${m.state}`).join();
    if (known === this.known) return;
    this.known = known;
    this.thread.replaceChildren(...messages.map((m) =>
      make("li", { class: m.direction === "in" ? "mine" : "" }, m.body, make("div", { class: "meta" }, `${clock(m.at)} ${m.direction === "in" ? "" : m.state}`))));
    this.thread.scrollTop = this.thread.scrollHeight;
  }
}

// The customer's phone: dial, listen, speak, hang up.
export class CustomerPhone {
  constructor(root, state, act, speak) {
    this.act = act;
    this.heard = new Heard(speak);
    this.microphone = new Microphone();
    const customers = state.phones.filter((p) => p.role === "customer");
    this.who = make("select", { "data-testid": "customer-number", "aria-label": "Which customer" }, ...customers.map((p) => make("option", { value: p.number }, `${p.name} ${p.number}`)));
    this.withheld = make("input", { type: "checkbox", "data-testid": "customer-withheld" });
    this.state = make("span", { class: "state", role: "status", "data-testid": "customer-state" });
    this.pad = new Pad("customer", (key) => act.post(`calls/${this.leg.sid}/keys`, { keys: key }));
    this.dialling = make("div", { class: "row" },
      make("button", { type: "button", class: "go", "data-testid": "customer-dial", onclick: () => this.dial() }, "Call the support line"),
      make("label", {}, this.withheld, " withhold number"));
    this.ringing = this.row(this.button("answer", "Answer", "go", "answer"), this.button("reject", "Reject", "stop", "reject"), this.button("mailbox", "Let it go to the mailbox", "", "mailbox"));
    this.sample = make("select", { "data-testid": "customer-sample", "aria-label": "Spoken message" }, ...state.samples.map((s) => make("option", { value: s.name }, `${s.language}: ${s.title} (${s.seconds} s)`)));
    this.file = make("input", { type: "file", accept: "audio/*", "data-testid": "customer-wav", "aria-label": "WAV file", onchange: () => this.sendFile() });
    this.record = make("button", { type: "button", onclick: () => this.useMicrophone() }, "Record from microphone");
    this.leaving = make("div", { hidden: true },
      this.row(this.sample, make("button", { type: "button", class: "go", "data-testid": "customer-leave-sample", onclick: () => act.post(`calls/${this.leg.sid}/voice`, { sample: this.sample.value }) }, "Leave this message")),
      this.row(this.file, this.record));
    this.leaving.querySelectorAll(".row").forEach((row) => { row.hidden = false; });
    this.ending = this.row(this.button("hangup", "Hang up", "stop", "hang-up"));
    this.thread = make("ol", { class: "thread", "data-testid": "customer-messages" });
    root.classList.add("phone");
    root.append(make("div", { class: "top" }, make("h2", {}, "Customer"), this.who), this.state, this.dialling, this.ringing, this.heard.list, this.leaving, this.pad.node, this.ending, this.thread);
    this.root = root;
    this.who.addEventListener("change", () => this.show(this.last));
  }

  row(...children) {
    return make("div", { class: "row", hidden: true }, ...children);
  }

  button(slug, label, css, deed) {
    return make("button", { type: "button", class: css, "data-testid": `customer-${slug}`, onclick: () => this.act.post(`calls/${this.leg.sid}/${deed}`) }, label);
  }

  dial() {
    const wish = { from: this.who.value };
    if (this.withheld.checked) wish.caller_id = "+266696687";
    this.act.post("calls", wish);
  }

  async sendFile() {
    const file = this.file.files[0];
    if (!file) return;
    await this.speakBytes(() => file.arrayBuffer().then(toWav));
    this.file.value = "";
  }

  async useMicrophone() {
    try {
      if (!this.listening) {
        await this.microphone.start();
        this.listening = true;
        this.record.textContent = "Stop and leave it";
        return;
      }
      this.listening = false;
      this.record.textContent = "Record from microphone";
      await this.speakBytes(() => this.microphone.stop());
    } catch (error) {
      this.act.trouble(`The microphone cannot be used (${error.name}); use a file or a sample instead.`);
    }
  }

  async speakBytes(make) {
    try {
      await this.act.bytes(`calls/${this.leg.sid}/voice`, await make());
    } catch (error) {
      this.act.trouble(`That audio cannot be read (${error.name}); use a WAV file.`);
    }
  }

  show(state) {
    this.last = state;
    const phone = state.phones.find((p) => p.number === this.who.value);
    if (!phone) return;
    const live = phone.legs.filter((leg) => !isOver(leg));
    this.leg = live.at(-1) ?? phone.legs.at(-1);
    const on = live.length > 0;
    const rings = on && this.leg.waits === "ring";
    this.root.classList.toggle("ringing", rings);
    this.dialling.hidden = on;
    this.ringing.hidden = !rings;
    this.leaving.hidden = !(on && this.leg.waits === "record");
    this.ending.hidden = this.pad.node.hidden = !on || rings;
    this.state.textContent = !on ? (this.leg ? `Call over (${this.leg.state})` : "Ready to call") : rings ? `Rings: ${this.leg.other}` : this.leg.waits === "record" ? "Recording: leave a message" : this.leg.waits === "talk" ? "Talking" : "Connected";
    this.heard.show(on && !rings ? this.leg : null);
    this.thread.replaceChildren(...phone.messages.map((m) => make("li", { class: m.direction === "in" ? "mine" : "" }, m.body, make("div", { class: "meta" }, clock(m.at)))));
  }
}

function isOver(leg) {
  return ["completed", "busy", "failed", "no-answer", "canceled"].includes(leg.state);
}

export function clock(at) {
  return new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}
