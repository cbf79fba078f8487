// The parts that every phone on the page is made of. Text from the network only ever becomes text nodes.

const OVER = ["completed", "busy", "failed", "no-answer", "canceled"];

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

let zone;

// The zone of every time on the page; the browser's own without one. Its name is shown once.
export function setZone(name) {
  zone = name || Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zone;
}

export function clock(at) {
  const form = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: zone };
  return new Date(at).toLocaleTimeString("en-GB", form);
}

// Where the focus goes when what held it is hidden or switched off by a change.
export function keepFocus(root, change, next) {
  const held = root.contains(document.activeElement) ? document.activeElement : null;
  change();
  if (held && (held.disabled || held.offsetParent === null)) next()?.focus();
}

export function options(pairs) {
  return pairs.map(([value, label]) => make("option", { value }, label));
}

// The leg a phone is about: the newest that goes on, or else the newest of all.
export function legOf(phone) {
  const live = phone.legs.filter((leg) => !OVER.includes(leg.state));
  const leg = live.at(-1) ?? phone.legs.at(-1);
  return { leg, on: live.length > 0, rings: live.length > 0 && leg.waits === "ring" };
}

// What a leg heard. The network tells only the last few things, so what is new is found by overlap.
export class Heard {
  constructor(speak) {
    this.list = make("ul", { class: "heard", "aria-live": "polite", "aria-label": "Words heard", hidden: true });
    this.speak = speak;
    this.items = [];
  }

  show(leg) {
    if (leg?.sid !== this.sid) {
      this.list.replaceChildren();
      this.items = [];
      this.sid = leg?.sid;
    }
    const added = leg ? unheard(this.items, leg.heard) : [];
    this.items = leg ? leg.heard : [];
    for (const item of added) {
      this.list.append(line(item));
      if (item.text) this.speak(item.text, item.language);
    }
    this.list.hidden = this.items.length === 0;
    if (added.length) this.list.scrollTop = this.list.scrollHeight;
  }
}

function unheard(before, now) {
  const [old, fresh] = [before, now].map((items) => items.map((item) => JSON.stringify(item)));
  let gone = 0;
  while (gone < old.length && !old.slice(gone).every((item, n) => item === fresh[n])) gone += 1;
  return now.slice(old.length - gone);
}

function line(item) {
  if (item.play) return make("li", {}, make("audio", { controls: true, src: item.play, preload: "none", "aria-label": "Sound played on the line" }));
  if (item.beep) return make("li", { class: "meta" }, "(tone: speak now)");
  return make("li", { lang: item.language }, item.text);
}

// How one phone behaves by itself: when it is called, and when it is texted.
export class Habits {
  constructor(prefix, act, number) {
    this.number = number;
    this.called = this.choice(`knob-${prefix}-fate`, act, "fate", [
      ["ring", "ring"], ["answer", "are answered"], ["mailbox", "go to the mailbox"], ["busy", "find it busy"],
      ["no-answer", "ring, nobody there"], ["failed", "fail"],
    ]);
    this.texted = this.choice(`knob-${prefix}-sms`, act, "sms", [
      ["", "go as all texts"], ["delivered", "are delivered"], ["undelivered", "are undelivered"], ["failed", "fail"],
      ["sent-only", "are sent, no more"], ["unanswered", "are never told of"],
    ]);
    this.node = make("details", { class: "habits" }, make("summary", {}, "Behaviour"),
      make("label", {}, "Calls to it ", this.called), make("label", {}, "Texts to it ", this.texted));
  }

  choice(testid, act, name, pairs) {
    const field = make("select", { "data-testid": testid, onchange: () => {
      const value = name === "sms" ? (field.value ? { fate: field.value } : null) : field.value;
      act.turn({ numbers: { [this.number]: { [name]: value } } });
    } }, ...options(pairs));
    return field;
  }

  show(knobs) {
    const known = knobs.numbers[this.number];
    if (document.activeElement !== this.called) this.called.value = known?.fate ?? "ring";
    if (document.activeElement !== this.texted) this.texted.value = known?.sms?.fate ?? "";
    this.node.classList.toggle("turned", Boolean(known && (known.fate !== "ring" || known.sms)));
  }
}
