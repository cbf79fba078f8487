// Leaving a message: a sample, a file or the microphone; all of it from the tone on, and a word when it was taken.
import { make, options } from "./parts.js";
import { Microphone, toWav } from "./wav.js";

export class Leaving {
  constructor(samples, act, leg) {
    this.act = act;
    this.leg = leg;
    this.sample = make("select", { "data-testid": "customer-sample", "aria-label": "Spoken message", onchange: () => this.load() },
      ...options(samples.map((s) => [s.name, `${s.language}: ${s.title} (${s.seconds} s)`])));
    this.sound = make("audio", { controls: true, preload: "none", "data-testid": "customer-listen", "aria-label": "Listen to the message" });
    this.file = make("input", { type: "file", accept: "audio/*", "data-testid": "customer-wav", "aria-label": "Leave a sound file", onchange: () => this.sendFile() });
    this.record = make("button", { type: "button", "data-testid": "customer-microphone", onclick: () => this.useMicrophone() }, "Record from microphone");
    this.leave = make("button", { type: "button", class: "go", "data-testid": "customer-leave-sample", onclick: () => this.leaveSample() }, "Leave this message");
    this.hint = make("p", { class: "meta" });
    this.node = make("div", { class: "leaving", role: "group", "aria-label": "Leave a message", hidden: true },
      make("div", { class: "row" }, this.sample, this.leave), this.sound, make("div", { class: "row" }, this.record, this.file), this.hint);
    this.left = make("p", { class: "left", role: "status", "data-testid": "customer-left", hidden: true });
    this.load();
  }

  load() {
    if (this.sample.value) this.sound.src = `/sandbox/samples/${this.sample.value}.wav`;
  }

  leaveSample() {
    return this.act.post(`calls/${this.leg().sid}/voice`, { sample: this.sample.value });
  }

  async sendFile() {
    const file = this.file.files[0];
    if (!file) return;
    await this.speak(() => file.arrayBuffer().then(toWav));
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
    await this.speak(() => microphone.stop());
  }

  forget() {
    const microphone = this.microphone;
    this.microphone = null;
    this.record.textContent = "Record from microphone";
    return microphone;
  }

  async speak(give) {
    let content;
    try {
      content = await give();
    } catch (error) {
      this.act.trouble(`That sound cannot be read (${error.name}); use a WAV file.`);
      return;
    }
    await this.act.bytes(`calls/${this.leg().sid}/voice`, content);
  }

  // Before the tone the buttons wait. A recording that ended meanwhile ends the use of microphone and loudspeaker too.
  show(leg, on) {
    const records = on && leg.waits === "record";
    this.node.hidden = !on || !leg.outgoing || (leg.heard_tone && !records) || ["talk", "dial"].includes(leg.waits);
    for (const control of [this.leave, this.record, this.file]) control.disabled = !records;
    this.hint.textContent = records ? "Or say nothing: the recording ends by itself." : "Choose now; the message is left after the tone.";
    this.left.hidden = !leg?.said;
    this.left.textContent = leg?.said ? `Message of ${length(leg.said)} left` : "";
    if (records) return;
    this.sound.pause();
    if (this.microphone) this.forget().cancel();
  }
}

function length(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
