"use strict";
// The hash holds what a reader chose: language, light and place, such as "#zh,dark,findings".
const root = document.documentElement;
const chosen = { language: "", light: "" };
const all = (query) => [...document.querySelectorAll(query)];
const byId = (id) => document.getElementById(id);

function speak(language) {
  root.dataset.language = language;
  root.lang = language === "zh" ? "zh-CN" : "en";
  for (const element of all("[data-speak]")) {
    const said = element.dataset[language];
    if (element.dataset.speak) element.setAttribute(element.dataset.speak, said);
    else element.textContent = said;
  }
}

function shine(light) {
  if (light) root.dataset.light = light;
  else delete root.dataset.light;
}

function remember(place) {
  const hash = [chosen.language, chosen.light, place].filter(Boolean).join(",");
  history.replaceState(null, "", "#" + hash);
}

function read() {
  let place = "";
  for (const word of decodeURIComponent(location.hash.slice(1)).split(",")) {
    if (word === "en" || word === "zh") chosen.language = word;
    else if (word === "light" || word === "dark") chosen.light = word;
    else place = word;
  }
  if (chosen.language) speak(chosen.language);
  shine(chosen.light);
  return place;
}

function go(place) {
  const target = place && byId(place);
  if (!target) return;
  target.scrollIntoView();
  remember(place);
}

byId("language").addEventListener("click", () => {
  chosen.language = root.dataset.language === "zh" ? "en" : "zh";
  speak(chosen.language);
  remember("");
});

byId("light").addEventListener("click", () => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = root.dataset.light || (dark ? "dark" : "light");
  chosen.light = now === "dark" ? "light" : "dark";
  shine(chosen.light);
  remember("");
});

for (const link of all('a[href^="#"]')) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    go(link.getAttribute("href").slice(1));
  });
}

for (const button of all("[data-copy]")) {
  button.addEventListener("click", async () => {
    const code = button.querySelector("code");
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.classList.add("copied");
    } catch {
      // Without leave to copy, the whole digest is shown and selected for the reader to copy.
      code.textContent = button.dataset.copy;
      getSelection().selectAllChildren(code);
    }
  });
}

const told = byId("told");
for (const tile of all(".tile")) {
  const tell = () => { told.textContent = tile.getAttribute("aria-label"); };
  for (const event of ["click", "focus", "mouseenter"]) tile.addEventListener(event, tell);
}

const wrongOnly = byId("wrong-only");
if (wrongOnly) {
  wrongOnly.addEventListener("change", () => {
    byId("grid").classList.toggle("only-wrong", wrongOnly.checked);
  });
}

const search = byId("search");
if (search) {
  const rows = all("#found tbody tr");
  const pills = all("[data-only]");
  const sift = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const only = pills.filter((pill) => pill.getAttribute("aria-pressed") === "true");
    const wanted = only.map((pill) => pill.dataset.only);
    let left = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const fits = words.every((word) => text.includes(word));
      row.hidden = !fits || (wanted.length > 0 && !wanted.includes(row.dataset.verdict));
      if (!row.hidden) left += 1;
    }
    byId("left").textContent = left === rows.length ? "" : `${left} / ${rows.length}`;
  };
  search.addEventListener("input", sift);
  for (const pill of pills) {
    pill.addEventListener("click", () => {
      pill.setAttribute("aria-pressed", String(pill.getAttribute("aria-pressed") !== "true"));
      sift();
    });
  }
}

addEventListener("beforeprint", () => { for (const part of all("details")) part.open = true; });
addEventListener("hashchange", () => go(read()));
go(read());
