// The customers' phone: dial, listen, press keys, speak, hang up; answer the call back.
import { Habits, Heard, Pad, Thread, legOf, make, options } from "./parts.js";
import { Microphone, toWav } from "./wav.js";

// What the carrier shows for a caller who withholds the number.
const WITHHELD = "+266696687";

export class CustomerPhone {
  constructor(root, state, act, speak) {
    this.act = act;
    this.root = root;
    this.heard = new Heard(speak);
    this.pad = new Pad("customer", (key) => this.deed("keys", { keys: key }));
    this.thread = new Thread("customer");
    this.habits = new Habits("customer", act, "");
    this.state = make("span", { class: "state", role: "status", "data-testid": "customer-state" });
    this.who = make("select", { "data-testid": "customer-number", "aria-label": "Which customer", onchange: () => this.show(this.last) },
      ...options(state.phones.filter((p) => p.role === "customer").map((p) => [p.number, `${p.name} ${p.number}`])));
    this.ringing = make("div", { class: "row", hidden: true },
      this.button("answer", "Answer", "go"), this.button("reject", "Reject", "stop"), this.button("mailbox", "Let it go to the mailbox", ""));
    this.ending = make("div", { class: "row", hidden: true }, this.button("hangup", "Hang up", "stop", "hang-up"));
    root.classList.add("phone");
    root.append(make("div", { class: "top" }, make("h2", {}, "Customer"), this.who), this.state, this.dialPart(), this.ringing,
      this.heard.list, this.leavePart(state.samples), this.pad.node, this.ending, this.thread.node, this.habits.node);
  }

  button(slug, label, css, deed = slug) {
    return make("button", { type: "button", class: css, "data-testid": `customer-${slug}`, onclick: () => this.deed(deed) }, label);
  }

  deed(deed, wish) {
    return this.act.post(`calls/${this.leg.sid}/${deed}`, wish);
  }

  dialPart() {
    this.withheld = make("input", { type: "checkbox", "data-testid": "customer-withheld" });
    this.dialling = make("div", { class: "row" },
      make("button", { type: "button", class: "go", "data-testid": "customer-dial", onclick: () => this.dial() }, "Call the support line"),
      make("label", {}, this.withheld, " withhold number"));
    return this.dialling;
  }

  dial() {
    const wish = { from: this.who.value };
    if (this.withheld.checked) wish.caller_id = WITHHELD;
    return this.act.post("calls", wish);
  }

  leavePart(samples) {
    this.sample = make("select", { "data-testid": "customer-sample", "aria-label": "Spoken message", onchange: () => this.load() },
      ...options(samples.map((s) => [s.name, `${s.language}: ${s.title} (${s.seconds} s)`])));
    this.sound = make("audio", { controls: true, preload: "none", "data-testid": "customer-listen", "aria-label": "Listen to the message" });
    this.file = make("input", { type: "file", accept: "audio/*", "data-testid": "customer-wav", "aria-label": "Sound file", onchange: () => this.sendFile() });
    this.record = make("button", { type: "button", "data-testid": "customer-microphone", onclick: () => this.useMicrophone() }, "Record from microphone");
    const leave = make("button", { type: "button", class: "go", "data-testid": "customer-leave-sample", onclick: () => this.deed("voice", { sample: this.sample.value }) }, "Leave this message");
    this.leaving = make("div", { class: "leaving", role: "group", "aria-label": "Leave a message", hidden: true },
      make("div", { class: "row" }, this.sample, leave), this.sound, make("div", { class: "row" }, this.record, this.file),
      make("p", { class: "meta" }, "Or say nothing: the recording ends by itself."));
    this.load();
    return this.leaving;
  }

  load() {
    if (this.sample.value) this.sound.src = `/sandbox/samples/${this.sample.value}.wav`;
  }

  async sendFile() {
    const file = this.file.files[0];
    if (!file) return;
    await this.speakBytes(() => file.arrayBuffer().then(toWav));
    this.file.value = "";
  }

  async useMicrophone() {
    try {
      if (this.microphone) await this.leaveRecorded();
      else await this.listen();
    } catch (error) {
      this.act.trouble(`The microphone cannot be used (${error.name}); use a file or a sample instead.`);
    }
  }

  async listen() {
    const microphone = new Microphone();
    await microphone.start();
    this.microphone = microphone;
    this.record.textContent = "Stop and leave it";
  }

  async leaveRecorded() {
    const microphone = this.forget();
    await this.speakBytes(() => microphone.stop());
  }

  forget() {
    const microphone = this.microphone;
    this.microphone = null;
    this.record.textContent = "Record from microphone";
    return microphone;
  }

  async speakBytes(give) {
    let content;
    try {
      content = await give();
    } catch (error) {
      this.act.trouble(`That sound cannot be read (${error.name}); use a WAV file.`);
      return;
    }
    await this.act.bytes(`calls/${this.leg.sid}/voice`, content);
  }

  show(state) {
    this.last = state;
    const phone = this.turnToTheRinging(state);
    if (!phone) return;
    const { leg, on, rings } = legOf(phone);
    const records = on && leg.waits === "record";
    this.leg = leg;
    this.root.classList.toggle("ringing", rings);
    this.dialling.hidden = on;
    this.ringing.hidden = !rings;
    this.ending.hidden = this.pad.node.hidden = !on || rings;
    this.showLeaving(records);
    this.state.textContent = words(leg, on, rings);
    this.heard.show(on && !rings ? leg : null);
    this.thread.show(phone.messages);
    this.habits.number = phone.number;
    this.habits.show(state.knobs);
  }

  // A call back may ring a customer who is not the one chosen: an idle phone gives way to it.
  turnToTheRinging(state) {
    const customers = state.phones.filter((p) => p.role === "customer");
    const chosen = customers.find((p) => p.number === this.who.value);
    const ringing = customers.find((p) => legOf(p).rings);
    if (!ringing || !chosen || legOf(chosen).on) return chosen;
    this.who.value = ringing.number;
    return ringing;
  }

  // A recording that ended meanwhile ends the use of microphone and loudspeaker too.
  showLeaving(records) {
    this.leaving.hidden = !records;
    if (records) return;
    this.sound.pause();
    if (this.microphone) this.forget().cancel();
  }
}

function words(leg, on, rings) {
  if (!on) return leg ? `Call over (${leg.state})` : "Ready to call";
  if (rings) return `Rings: ${leg.other}`;
  return { record: "Recording: leave a message", talk: "Talking" }[leg.waits] ?? "Connected";
}
