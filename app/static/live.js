// Keeps a page fresh. Elements with an id and data-live are replaced by those of the same page fetched anew whenever
// the server says that something changed; <time data-due> counts down. Without this module every page is complete.

const parts = () => [...document.querySelectorAll("[data-live][id]")];
const told = document.body.dataset;
const serverTime = document.querySelector('meta[name="server-time"]');
const skew = serverTime ? Date.parse(serverTime.content) - Date.now() : 0;

function length(seconds) {
  const m = Math.floor(seconds / 60);
  if (m >= 60) return `${Math.floor(m / 60)} h ${String(m % 60).padStart(2, "0")}`;
  return m >= 5 ? `${m} min` : `${m}:${String(seconds % 60).padStart(2, "0")}`;
}

function count() {
  for (const time of document.querySelectorAll("time[data-due]")) {
    const left = Math.trunc((Date.parse(time.dataset.due) - Date.now() - skew) / 1000);
    const words = (left < 0 ? told.late : told.left).replace("{}", length(Math.abs(left)));
    if (time.textContent !== words) time.textContent = words;
    time.classList.toggle("late", left < 0);
  }
}

// What may not be taken away: words being typed, and a message being listened to.
const inUse = (part) =>
  part.querySelector(":is(input, select, textarea, audio):focus") ||
  [...part.querySelectorAll("audio")].some((a) => !a.paused);

// The link, button or fold that has the focus, found again among the new ones.
const focused = (part) => {
  const at = document.activeElement, name = part.contains(at) && at.tagName;
  const key = (node) => `${node.getAttribute("href")} ${node.closest("[id]").id} ${node.textContent.trim()}`;
  return name && ((among) => [...among.querySelectorAll(name)].find((node) => key(node) === key(at)));
};

function swap(fresh) {
  for (const old of parts()) {
    const next = fresh.getElementById(old.id);
    if (!next || inUse(old) || old.isEqualNode(next)) continue;
    const open = new Set([...old.querySelectorAll("details[open][id]")].map((d) => d.id));
    for (const d of next.querySelectorAll("details[id]")) if (open.has(d.id)) d.open = true;
    const again = focused(old), made = document.importNode(next, true);
    old.replaceWith(made);
    if (again) again(made)?.focus({ preventScroll: true });
  }
  document.title = fresh.title;
  count();
}

let busy = false, again = false;
async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (answer.ok) swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    lost(true); // the stream says when the server is back
  }
  busy = false;
  if (again) { again = false; refresh(); }
}

function lost(is) {
  const bar = document.getElementById("lost");
  if (bar) bar.hidden = !is;
}

let wait = 1000;
function listen() {
  const source = new EventSource(new URL("../live", import.meta.url));
  source.addEventListener("open", () => { lost(false); wait = 1000; refresh(); });
  source.addEventListener("changed", refresh);
  source.addEventListener("error", () => {
    lost(true);
    source.close();
    setTimeout(listen, wait);
    wait = Math.min(wait * 2, 30000);
  });
  addEventListener("pagehide", () => source.close(), { once: true });
}

count();
setInterval(count, 1000);
if (parts().length) listen();
