// The desk: asks for the network's state, waits for changes, and shows every phone.
import { CustomerPhone } from "./customer.js";
import { KnobBoard } from "./knobs.js";
import { clock, legOf, make, setZone } from "./parts.js";
import { Handset } from "./phones.js";

const LOST = "The sandbox does not answer; trying again.";
const $ = (id) => document.getElementById(id);
const handsets = new Map();
let customer = null;

// Every request answers whether the network accepted it; a refusal is shown at the top.
const act = {
  post(path, wish = {}) {
    return this.send(path, "POST", "application/json", JSON.stringify(wish));
  },
  bytes(path, content) {
    return this.send(path, "POST", "audio/wav", content);
  },
  turn(change) {
    return this.send("knobs", "PUT", "application/json", JSON.stringify(change));
  },
  async send(path, method, type, body) {
    try {
      const answer = await fetch(`/sandbox/api/${path}`, { method, headers: { "content-type": type }, body });
      this.trouble(answer.ok ? "" : await reason(answer));
      return answer.ok;
    } catch {
      this.trouble(LOST);
      return false;
    }
  },
  trouble(text) {
    $("trouble").textContent = text;
    $("trouble").hidden = !text;
  },
};

async function reason(answer) {
  const text = await answer.text();
  try {
    return JSON.parse(text).error ?? text;
  } catch {
    return `${answer.status} ${text}`;
  }
}

function speak(text, language) {
  if (!$("aloud").checked || !window.speechSynthesis) return;
  const words = new SpeechSynthesisUtterance(text);
  words.lang = language === "fr" ? "fr-CA" : "en-US";
  words.voice = speechSynthesis.getVoices().find((voice) => voice.lang.startsWith(language)) ?? null;
  speechSynthesis.speak(words);
}

function show(state) {
  $("support").textContent = state.support_number;
  $("board").href = state.board_url;
  $("zone").textContent = setZone(state.timezone);
  customer ??= new CustomerPhone($("customer"), state, act, speak);
  customer.show(state);
  showHandsets(state.phones.filter((p) => p.role !== "customer"), state.knobs);
  knobs.show(state.knobs);
  const rings = state.phones.filter((p) => legOf(p).rings).map((p) => p.name);
  document.title = rings.length ? `Ringing: ${rings.join(", ")}` : "Phone sandbox";
  showLog(state);
}

// A number that is nobody's may become a customer's, or be too long ago to be shown.
function showHandsets(phones, knobs) {
  const numbers = phones.map((p) => p.number);
  for (const [number, gone] of handsets) {
    if (numbers.includes(number)) continue;
    gone.node.remove();
    handsets.delete(number);
  }
  for (const phone of phones) handset(phone).show(phone, knobs);
}

function handset(phone) {
  if (!handsets.has(phone.number)) {
    handsets.set(phone.number, new Handset(phone, act, speak));
    $("phones").append(handsets.get(phone.number).node);
  }
  return handsets.get(phone.number);
}

function showLog(state) {
  const faults = state.errors.length;
  $("fault-count").textContent = faults ? ` (${faults} ${faults === 1 ? "fault" : "faults"})` : "";
  $("faults").replaceChildren(...state.errors.map((e) => make("li", {}, `${e.code} ${e.message} ${e.url}`)));
  $("log").replaceChildren(...state.log.toReversed().map((x) =>
    make("li", { class: x.status >= 200 && x.status < 400 ? "" : "bad" }, `${clock(x.at)} ${x.direction} ${x.method} ${x.path} ${x.status}`)));
}

async function newer(version) {
  const answer = await fetch(`/sandbox/api/state?since=${version}`);
  if (!answer.ok) throw new Error(`state answered ${answer.status}`);
  return answer.json();
}

async function follow() {
  for (let version = -1; ; ) {
    let state;
    try {
      state = await newer(version);
    } catch {
      act.trouble(LOST);
      await new Promise((done) => setTimeout(done, 1000));
      continue;
    }
    if ($("trouble").textContent === LOST) act.trouble("");
    version = state.version;
    show(state);
  }
}

const knobs = new KnobBoard($("knobs"), $("knob-count"), act);
$("aloud").addEventListener("change", () => window.speechSynthesis?.cancel());
$("aloud").disabled = !window.speechSynthesis;
follow();
