// A phone's texts, and the box to answer them from.
import { clock, make } from "./parts.js";

// Made anew only when a text was added or changed its state.
export class Thread {
  constructor(prefix) {
    this.node = make("ol", { class: "thread", "data-testid": `${prefix}-messages`, "aria-live": "polite", "aria-label": "Texts" });
    this.known = "";
  }

  show(messages) {
    const known = messages.map((m) => `${m.sid} ${m.state}`).join();
    if (known === this.known) return;
    this.known = known;
    this.node.replaceChildren(...messages.map(bubble));
    this.node.scrollTop = this.node.scrollHeight;
  }
}

function bubble(message) {
  const mine = message.direction === "in";
  const at = make("time", { datetime: message.at }, clock(message.at));
  return make("li", { class: mine ? "mine" : "" }, ...linked(message.body), ...message.media.map((kind) => make("div", { class: "meta" }, `(${kind})`)), make("div", { class: "meta" }, at, mine ? "" : ` ${message.state}`));
}

// As phones do: an address in a text can be tapped.
function linked(body) {
  return body.split(/(https?:\/\/\S+)/).map((part, n) => (n % 2 ? make("a", { href: part, target: "_blank", rel: "noreferrer" }, part) : part));
}

const MOST_FILES = 10;

export class Reply {
  constructor(prefix, name, act, placeholder) {
    this.act = act;
    this.field = make("input", { "data-testid": `${prefix}-reply`, "aria-label": `Text from ${name}`, placeholder, autocomplete: "off" });
    this.picture = make("input", { type: "file", "data-testid": `${prefix}-picture`, "aria-label": `Picture from ${name}`, multiple: true });
    this.node = make("form", { class: "row" }, this.field, make("button", { "data-testid": `${prefix}-send` }, "Send"), this.picture);
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
  }

  // What was typed goes only when the network took it.
  async send() {
    const body = this.field.value;
    const files = [...this.picture.files].slice(0, MOST_FILES);
    if (!body && !files.length) return;
    this.field.value = "";
    const media = await Promise.all(files.map(read));
    if (await this.act.post("messages", { from: this.number, body, media })) this.picture.value = "";
    else this.field.value ||= body;
  }
}

// A picture, a contact card or a voice note as the network takes it.
function read(file) {
  return new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done({ content_type: file.type || "application/octet-stream", content: reader.result.split(",")[1] ?? "" });
    reader.readAsDataURL(file);
  });
}
