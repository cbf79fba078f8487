// The customers' phone: dial, listen, press keys, speak, hang up; answer the call back; read and answer texts.
import { Leaving } from "./leaving.js";
import { Pad, waitsFor } from "./pad.js";
import { Habits, Heard, keepFocus, legOf, make, options } from "./parts.js";
import { Reply, Thread } from "./texts.js";

// What the carrier shows for a caller who withholds the number.
const WITHHELD = "+266696687";
const OTHER = "";

export class CustomerPhone {
  constructor(root, state, act, speak) {
    this.act = act;
    this.root = root;
    this.heard = new Heard(speak);
    this.pad = new Pad("customer", (key) => this.does("keys", { keys: key }));
    this.leaving = new Leaving(state.samples, act, () => this.leg);
    this.thread = new Thread("customer");
    this.reply = new Reply("customer", "the customer", act, "Text the support line");
    this.habits = new Habits("customer", act, "");
    this.state = make("span", { class: "state", role: "status", "data-testid": "customer-state" });
    this.who = make("select", { "data-testid": "customer-number", "aria-label": "Which customer", onchange: () => this.show(this.last) });
    this.ringing = make("div", { class: "row", hidden: true },
      this.button("answer", "Answer", "go"), this.button("reject", "Reject", "stop"), this.button("mailbox", "Let it go to the mailbox", ""));
    this.ending = make("div", { class: "row", hidden: true }, this.button("hangup", "Hang up", "stop", "hang-up"));
    root.classList.add("phone");
    root.append(make("div", { class: "top" }, make("h2", {}, "Customer"), this.who), this.dialPart(), this.state, this.ringing,
      this.heard.list, this.pad.node, this.ending, this.leaving.left, this.leaving.node, this.thread.node, this.reply.node, this.habits.node);
    document.addEventListener("keydown", (event) => {
      if (event.target === document.body || root.contains(event.target)) this.pad.typed(event);
    });
  }

  button(slug, label, css, action = slug) {
    return make("button", { type: "button", class: css, "data-testid": `customer-${slug}`, onclick: () => this.does(action) }, label);
  }

  does(action, wish) {
    return this.act.post(`calls/${this.leg.sid}/${action}`, wish);
  }

  dialPart() {
    this.withheld = make("input", { type: "checkbox", "data-testid": "customer-withheld" });
    this.other = make("input", {
      type: "tel", required: true, pattern: "\\+[1-9][0-9]{6,14}", placeholder: "+15145550155", autocomplete: "off", hidden: true, disabled: true,
      title: "a number like +15145550155", "data-testid": "customer-other", "aria-label": "Number to call from",
    });
    this.call = make("button", { class: "go", "data-testid": "customer-dial" }, "Call the support line");
    this.dialling = make("form", { class: "row" }, this.other, this.call, make("label", {}, this.withheld, " withhold number"));
    this.dialling.addEventListener("submit", (event) => {
      event.preventDefault();
      this.dial();
    });
    return this.dialling;
  }

  // A number that is nobody's yet is a customer's from now on, and chosen as soon as the network knows it.
  async dial() {
    const wish = { from: this.who.value || this.other.value };
    if (this.withheld.checked) wish.caller_id = WITHHELD;
    this.wanted = wish.from;
    if (!(await this.act.post("calls", wish))) this.wanted = null;
  }

  show(state) {
    this.last = state;
    const customers = state.phones.filter((p) => p.role === "customer");
    this.offer(customers);
    const phone = this.turnToTheRinging(customers);
    const { leg, on, rings } = phone ? legOf(phone) : { on: false, rings: false };
    this.leg = leg;
    keepFocus(this.root, () => this.change(leg, on, rings), () => (rings ? this.ringing.firstChild : on ? this.pad.node : this.call));
    this.state.textContent = words(leg, on, rings);
    this.heard.show(on && !rings ? leg : null);
    this.thread.show(phone?.messages ?? []);
    this.habits.number = this.reply.number = phone?.number;
    this.habits.show(state.knobs);
  }

  change(leg, on, rings) {
    const other = this.who.value === OTHER;
    this.root.classList.toggle("ringing", rings);
    this.dialling.hidden = on;
    this.other.hidden = this.other.disabled = !other;
    this.reply.node.hidden = this.habits.node.hidden = other;
    this.ringing.hidden = !rings;
    this.ending.hidden = !on || rings;
    this.state.classList.toggle("asked", Boolean(on && (leg.menu || leg.waits === "record")));
    this.pad.show(leg, on && !rings);
    this.leaving.show(leg, on && !rings);
  }

  // Whom one can be: every customer known by now, or any other number.
  offer(customers) {
    const known = customers.map((p) => p.number).join();
    if (known !== this.known) {
      const chosen = this.known === undefined ? customers[0]?.number : this.who.value;
      const name = (p) => (p.name === p.number ? p.number : `${p.name} ${p.number}`);
      this.who.replaceChildren(...options([...customers.map((p) => [p.number, name(p)]), [OTHER, "Another number"]]));
      this.who.value = chosen ?? OTHER;
      this.known = known;
    }
    if (this.wanted && customers.some((p) => p.number === this.wanted)) {
      this.who.value = this.wanted;
      this.wanted = null;
    }
  }

  // A call back may ring a customer who is not the one chosen: an idle phone gives way to it.
  turnToTheRinging(customers) {
    const chosen = customers.find((p) => p.number === this.who.value);
    const ringing = customers.find((p) => legOf(p).rings);
    if (!ringing || (chosen && legOf(chosen).on)) return chosen;
    this.who.value = ringing.number;
    return ringing;
  }
}

function words(leg, on, rings) {
  if (!on) return leg ? `Call over (${leg.state})` : "Ready to call";
  return rings ? `Rings: ${leg.other}` : waitsFor(leg);
}
