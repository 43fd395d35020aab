"use strict";

/** What pairs can be filtered by: their verifier, and what their metadata says of each, where it is one of a few values. */
function filtersOf(pairs) {
  const values = new Map();
  const note = (name, value) => {
    if (!values.has(name)) values.set(name, new Set());
    values.get(name).add(String(value));
  };
  for (const pair of pairs) {
    if (pair.verifier != null) note("verifier", pair.verifier);
    for (const [name, value] of Object.entries(pair.metadata ?? {})) {
      if (typeof value !== "object") note(name, label(value));
    }
  }
  return [...values]
    .filter(([, some]) => some.size > 1 && some.size <= 40)
    .map(([name, some]) => [name, [...some].sort((a, b) => a.localeCompare(b, "en", { numeric: true }))]);
}

/** A share, such as a pass rate, stands among those of its tenth. */
function label(value) {
  if (typeof value !== "number" || value <= 0 || value >= 1) return value;
  const tenth = Math.floor(value * 10 + 1e-9);
  return "0." + tenth + " to " + (tenth === 9 ? "1" : "0." + (tenth + 1));
}

/** Whether a pair holds the text, in any case, and has every value chosen. */
function fits(pair, text, chosen) {
  const wanted = text.toLowerCase();
  const holds = [pair.id ?? "", pair.prompt, pair.answer ?? "", pair.response ?? ""].some((part) => part.toLowerCase().includes(wanted));
  return holds && Object.entries(chosen).every(([name, value]) =>
    String(name === "verifier" ? pair.verifier : label((pair.metadata ?? {})[name])) === value);
}

function show() {
  const PAGE = 25;
  const data = JSON.parse(document.getElementById("data").textContent);
  const by = (id) => document.getElementById(id);
  const element = (name, text) => Object.assign(document.createElement(name), { textContent: text });
  const selects = filtersOf(data.pairs).map(([name, values]) => {
    const select = element("select", "");
    select.name = name;
    select.setAttribute("aria-label", name);
    select.append(new Option("any " + name, ""), ...values.map((value) => new Option(name + ": " + value, "=" + value)));
    return select;
  });
  by("filters").append(...selects);
  by("title").textContent = data.domain + ", " + data.count.toLocaleString("en") + " pairs";
  by("facts").textContent = data.facts
    + (data.pairs.length < data.count ? ". Here are " + data.pairs.length.toLocaleString("en") + " of them, evenly spread." : "");
  let page = 0;

  const draw = () => {
    const chosen = Object.fromEntries(selects.filter((s) => s.value !== "").map((s) => [s.name, s.value.slice(1)]));
    const found = data.pairs.filter((pair) => fits(pair, by("text").value, chosen));
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    page = Math.min(page, pages - 1);
    by("found").textContent = found.length.toLocaleString("en") + " found";
    by("page").textContent = "page " + (page + 1) + " of " + pages;
    by("before").disabled = page === 0;
    by("after").disabled = page === pages - 1;
    by("pairs").replaceChildren(...found.slice(page * PAGE, (page + 1) * PAGE).map((pair) => {
      const card = element("article", "");
      card.append(element("p", [pair.id, pair.verifier].filter((part) => part != null).join(" · ")), element("pre", pair.prompt));
      if (pair.response != null) card.append(element("p", "response"), element("pre", pair.response));
      if (pair.answer != null) card.append(element("p", "answer"), element("pre", pair.answer));
      if (pair.metadata) card.append(element("p", Object.entries(pair.metadata).map(([k, v]) => k + " " + JSON.stringify(v)).join(" · ")));
      return card;
    }));
  };
  by("filters").addEventListener("input", () => { page = 0; draw(); });
  by("filters").addEventListener("submit", (event) => event.preventDefault());
  by("before").addEventListener("click", () => { page--; draw(); });
  by("after").addEventListener("click", () => { page++; draw(); scrollTo(0, 0); });
  draw();
}

if (typeof document !== "undefined") show();
