// The knobs: a form whose fields name their place in the network's knobs; a field's first value is its rest position.

export class KnobBoard {
  constructor(form, count, act) {
    this.fields = [...form.querySelectorAll("[data-knob]")];
    this.count = count;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", ({ target }) => {
      if (target.reportValidity()) act.turn(change(target));
    });
    form.addEventListener("reset", () => setTimeout(() => act.turn(this.fields.map(change).reduce(merged))));
  }

  show(knobs) {
    for (const field of this.fields) {
      const value = field.dataset.knob.split(".").reduce((at, name) => at[name], knobs);
      if (field !== document.activeElement || field.type === "checkbox") put(field, value);
    }
    const turned = this.fields.filter(isTurned).length;
    this.count.textContent = turned ? ` (${turned} turned)` : "";
  }
}

function change(field) {
  return field.dataset.knob.split(".").reduceRight((value, name) => ({ [name]: value }), take(field));
}

function take(field) {
  if (field.type === "checkbox") return field.checked;
  if (field.type === "number") return Number(field.value);
  return "json" in field.dataset ? JSON.parse(field.value) : field.value;
}

function put(field, value) {
  if (field.type === "checkbox") field.checked = value;
  else field.value = "json" in field.dataset ? JSON.stringify(value) : value;
}

function isTurned(field) {
  if (field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field.type === "number") return Number(field.value) !== Number(field.defaultValue);
  return field.selectedIndex !== 0;
}

function merged(into, from) {
  for (const [name, value] of Object.entries(from)) {
    into[name] = value && into[name] && typeof value === "object" ? merged(into[name], value) : value;
  }
  return into;
}
