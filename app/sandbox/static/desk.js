// The desk: asks for the network's state, waits for changes, and shows every phone.
import { CustomerPhone, Handset, clock, make } from "./phones.js";

const $ = (id) => document.getElementById(id);
const handsets = new Map();
let customer = null;

const act = {
  async post(path, wish) {
    await this.send(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(wish ?? {}) });
  },
  async bytes(path, content) {
    await this.send(path, { method: "POST", headers: { "content-type": "audio/wav" }, body: content });
  },
  async turn(change) {
    await this.send("knobs", { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify(change) });
  },
  async send(path, request) {
    const answer = await fetch(`/sandbox/api/${path}`, request);
    this.trouble(answer.ok ? "" : (await answer.json()).error);
  },
  trouble(text) {
    $("trouble").textContent = text;
    $("trouble").hidden = !text;
  },
};

function speak(text, language) {
  if (!$("aloud").checked || !window.speechSynthesis) return;
  const words = new SpeechSynthesisUtterance(text);
  words.lang = language === "fr" ? "fr-CA" : "en-US";
  speechSynthesis.speak(words);
}

function show(state) {
  $("support").textContent = state.support_number;
  $("board").href = state.board_url;
  customer ??= new CustomerPhone($("customer"), state, act, speak);
  customer.show(state);
  for (const phone of state.phones.filter((p) => p.role !== "customer")) {
    if (!handsets.has(phone.number)) {
      handsets.set(phone.number, new Handset(phone, act, speak));
      $("phones").append(handsets.get(phone.number).node);
    }
    handsets.get(phone.number).show(phone);
  }
  showKnobs(state.knobs);
  $("faults").replaceChildren(...state.errors.map((e) => make("li", {}, `${e.code} ${e.message} ${e.url}`)));
  $("log").replaceChildren(...state.log.toReversed().map((x) => make("li", {}, `${clock(x.at)} ${x.method} ${x.path} ${x.status}`)));
}

function showKnobs(knobs) {
  for (const field of document.querySelectorAll("[data-knob]")) {
    if (field === document.activeElement) continue;
    const value = field.dataset.knob.split(".").reduce((at, name) => at[name], knobs);
    if (field.type === "checkbox") field.checked = value;
    else field.value = value;
  }
}

$("knobs").addEventListener("change", (event) => {
  const field = event.target;
  const value = field.type === "checkbox" ? field.checked : field.type === "number" ? Number(field.value) : field.value;
  const [group, name] = field.dataset.knob.split(".");
  act.turn(name ? { [group]: { [name]: value } } : { [group]: value });
});
$("knobs").addEventListener("submit", (event) => event.preventDefault());

async function follow() {
  let version = -1;
  for (;;) {
    try {
      const state = await (await fetch(`/sandbox/api/state?since=${version}`)).json();
      version = state.version;
      show(state);
    } catch {
      act.trouble("The sandbox does not answer; trying again.");
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
}

follow();
