"use strict";
// Every text comes from strangers: it is set as text, never as HTML. The policy of the page forbids the rest.

const CHUNK = 100;
const data = JSON.parse(document.getElementById("index").textContent);
const blocks = document.getElementsByClassName("details");
const detailOf = (number) => JSON.parse(blocks[Math.floor(number / data.block)].textContent)[number % data.block];
const byId = (id) => document.getElementById(id);
const many = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

function grouped(items, key) {
  const groups = new Map();
  for (const item of items) {
    if (!groups.has(key(item))) groups.set(key(item), []);
    groups.get(key(item)).push(item);
  }
  return groups;
}

// Each second part of a text is a directive.
const marked = (parts) => parts.map((part, place) => (place % 2 ? make("mark", {}, part) : part));

// ---------------------------------------------------------------- the filter, kept in the URL

const form = byId("filter");
const boxes = [...form.querySelectorAll("[name=verdict]")];
data.folds.forEach((fold, place) => {
  fold.place = place;
  const scenario = data.scenarios[fold.scenario];
  const words = [scenario.name, scenario.title, scenario.issue, ...scenario.tags];
  words.push(data.families[fold.family], fold.short, fold.span);
  if (fold.cause >= 0) words.push(data.causes[fold.cause].text.join(""));
  fold.text = words.join("\n").toLowerCase();
});

function addOptions(select, texts) {
  texts.forEach(([value, text]) => select.append(make("option", { value }, text)));
}
addOptions(byId("installer"), data.families.map((name, place) => [place, name]));
addOptions(byId("tag"), [...new Set(data.scenarios.flatMap((it) => it.tags))].sort().map((tag) => [tag, tag]));
addOptions(byId("cause"), data.causes.map((it, place) => [place, `${it.count}: ${it.text.join("").slice(0, 90)}`]));

function readUrl() {
  const state = new URLSearchParams(location.hash.slice(1));
  for (const id of ["text", "installer", "tag", "cause"]) byId(id).value = state.get(id) || "";
  for (const select of form.querySelectorAll("select")) if (select.selectedIndex < 0) select.selectedIndex = 0;
  const verdicts = state.has("verdict") ? state.get("verdict").split(",") : null;
  for (const box of boxes) box.checked = verdicts === null || verdicts.includes(box.value);
  byId("counts").checked = state.has("counts");
  return state.has("play") ? Number(state.get("play")) : -1;
}

function stateText(play = -1) {
  const state = new URLSearchParams();
  for (const id of ["text", "installer", "tag", "cause"]) if (byId(id).value) state.set(id, byId(id).value);
  const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
  if (chosen.length < boxes.length) state.set("verdict", chosen.join(","));
  if (byId("counts").checked) state.set("counts", "1");
  if (play >= 0) state.set("play", play);
  return `#${state}`;
}

function chosenFolds() {
  const words = byId("text").value.toLowerCase().split(/\s+/).filter(Boolean);
  const [installer, tag, cause] = ["installer", "tag", "cause"].map((id) => byId(id).value);
  const verdicts = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
  return data.folds.filter((fold) =>
    verdicts.has(fold.verdict) &&
    (!installer || fold.family === Number(installer)) &&
    (!tag || data.scenarios[fold.scenario].tags.includes(tag)) &&
    (!cause || fold.cause === Number(cause)) &&
    words.every((word) => fold.text.includes(word)));
}

// ---------------------------------------------------------------- long lists, a chunk at a time

class LongList {
  constructor(box, button, noun) {
    Object.assign(this, { box, button, noun, items: [], done: 0 });
    button.addEventListener("click", () => this.grow());
    new IntersectionObserver((seen) => seen.some((it) => it.isIntersecting) && this.grow(), { rootMargin: "600px" })
      .observe(button);
  }
  show(items, draw) {
    Object.assign(this, { items, draw, done: 0, early: new Map() });
    this.box.replaceChildren();
    this.grow();
  }
  grow() {
    const upTo = Math.min(this.done + CHUNK, this.items.length);
    const next = this.items.slice(this.done, upTo).map((item) => this.early.get(item) || this.draw(item));
    this.box.append(...next);
    this.done = upTo;
    this.button.hidden = this.done >= this.items.length;
    this.button.textContent = `show more: ${many(this.items.length - this.done, this.noun)} left`;
  }
  // An item far down stands at the top until its turn comes: drawing all before it would take seconds.
  reveal(item) {
    const place = this.items.indexOf(item);
    if (place < this.done || this.early.has(item)) return;
    if (place < this.done + CHUNK) return this.grow();
    this.early.set(item, this.draw(item));
    this.box.prepend(this.early.get(item));
  }
}
const rows = new LongList(byId("matrix"), byId("more-rows"), "scenario");
const plays = new LongList(byId("plays"), byId("more-plays"), "range");

// ---------------------------------------------------------------- sections

const chip = (fold) => make("span", { className: `chip ${fold.verdict} ${fold.remark}` }, fold.short);
const who = (fold) => `${data.families[fold.family]} ${fold.span}`.trim();
function playLink(fold, ...content) {
  return make("a", { href: stateText(fold.place), className: "to-play" }, ...content);
}

function drawCauses(folds) {
  const shown = grouped(folds.filter((fold) => fold.cause >= 0), (fold) => fold.cause);
  const places = [...shown.keys()].sort((one, other) => one - other);
  byId("causes").replaceChildren(...places.map((place) => drawCause(data.causes[place], shown.get(place))));
  byId("causes-section").hidden = places.length === 0;
}

function drawCause(cause, folds) {
  const count = folds.reduce((sum, fold) => sum + fold.plays.length, 0);
  const list = make("ul", {});
  const fill = (upTo) => {
    const items = folds.slice(list.children.length, upTo).map((fold) => make("li", {}, chip(fold), " ",
      playLink(fold, data.scenarios[fold.scenario].name), " ", make("span", { className: "faint" }, who(fold))));
    list.append(...items);
  };
  fill(12);
  const more = make("button", { type: "button", hidden: folds.length <= 12 }, `show all ${many(folds.length, "range")}`);
  more.addEventListener("click", () => { fill(folds.length); more.hidden = true; });
  const note = cause.exact ? null : make("p", { className: "faint" }, "The plays differ only in names and numbers.");
  return make("details", { className: `cause ${cause.open ? "bad" : ""}`, open: cause.open },
    make("summary", {}, make("b", {}, many(count, "play")), " ", ...marked(cause.text)), note, list, more);
}

function drawMatrix(folds) {
  const families = [...new Set(folds.map((fold) => fold.family))].sort((one, other) => one - other);
  byId("matrix-top").replaceChildren(make("tr", {}, make("th", { scope: "col" }, "scenario"),
    ...families.map((place) => make("th", { scope: "col" }, data.families[place]))));
  const byScenario = grouped(folds, (fold) => fold.scenario);
  const places = [...byScenario.keys()].sort((one, other) => one - other);
  rows.show(places, (place) =>
    drawRow(data.scenarios[place], families, grouped(byScenario.get(place), (fold) => fold.family)));
}

function drawRow(scenario, families, cells) {
  const issue = scenario.link ? make("a", { href: scenario.link, rel: "noreferrer", className: "issue" }, "issue") : null;
  const head = make("th", { scope: "row" }, make("span", { title: scenario.title }, scenario.name), " ", issue);
  return make("tr", {}, head, ...families.map((family) => make("td", {}, ...(cells.get(family) || []).map(drawCell))));
}

function drawCell(fold) {
  const counts = byId("counts").checked && fold.verdict !== "skipped"
    ? make("span", { className: "counts" }, fold.plays[0][2]) : null;
  return make("div", { className: "cell" },
    playLink(fold, chip(fold), " ", make("span", { className: "span" }, fold.span)), counts);
}

function drawPlay(fold) {
  const place = fold.place;
  const node = make("details", { className: `play ${fold.verdict}`, id: `play-${place}` },
    make("summary", {}, chip(fold), " ", make("b", {}, data.scenarios[fold.scenario].name), " ",
      make("span", { className: "faint" }, who(fold))));
  node.addEventListener("toggle", () => { if (node.open && node.children.length === 1) node.append(drawBody(fold)); });
  return node;
}

function drawBody(fold) {
  const scenario = data.scenarios[fold.scenario];
  const body = make("div", {});
  const show = (number) => body.replaceChildren(...drawDetail(detailOf(fold.plays[number][1])));
  const parts = [make("h3", {}, scenario.title)];
  if (scenario.issue) {
    parts.push(make("p", {}, scenario.link
      ? make("a", { href: scenario.link, rel: "noreferrer" }, scenario.issue) : scenario.issue));
  }
  if (scenario.tags.length) parts.push(make("p", { className: "faint" }, `tags: ${scenario.tags.join(", ")}`));
  if (fold.plays.length > 1) {
    const select = make("select", {}, ...fold.plays.map(([release, , counts], place) =>
      make("option", { value: place }, `${release}: ${counts}`)));
    select.addEventListener("change", () => show(Number(select.value)));
    parts.push(make("label", {}, "release ", select));
  }
  show(0);
  return make("div", { className: "body" }, ...parts, body);
}

// ---------------------------------------------------------------- one play

function pre(lines, className = "") {
  return make("pre", { className, tabIndex: 0 }, lines.join("\n"));
}

function table(className, label, heads, lines) {
  return make("div", { className: "wide", tabIndex: 0, role: "region", "aria-label": label }, make("table", { className },
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
    make("tbody", {}, ...lines)));
}

function drawDetail(detail) {
  const facts = make("dl", { className: "facts" }, ...detail.facts.flatMap(([name, text]) =>
    [make("dt", {}, name), make("dd", {}, name === "play it again" ? make("code", {}, text) : text)]));
  return [facts, detail.reason.length ? pre(detail.reason, "reason") : null, ...detail.steps.map(drawStep)]
    .filter((part) => part !== null);
}

function drawStep(step) {
  const title = step.title ? ` · ${step.title}` : "";
  const summary = make("summary", {}, `${step.number} `, make("b", {}, step.verb), `${title}${step.remark} `,
    make("span", { className: "faint" }, step.counts), " ",
    step.held ? null : make("span", { className: "chip failed" }, "not as expected"));
  const parts = [
    step.command.length ? pre(step.command.map((line) => `$ ${line}`)) : null,
    step.checks.length ? drawChecks(step) : null,
    step.venv.length ? drawVenv(step.venv) : null,
    step.rows.length ? drawRows(step) : null,
    step.lock.length ? drawLock(step.lock) : null,
    ...step.files.map(([name, lines]) => make("details", { className: "file" }, make("summary", {}, name), pre(lines))),
    step.output.length ? make("details", { className: "file", open: step.open },
      make("summary", {}, "installer output"), pre(step.output)) : null,
  ];
  return make("details", { className: `step ${step.held ? "" : "broken"}`, open: step.open }, summary,
    make("div", { className: "body" }, ...parts));
}

function drawChecks(step) {
  const lines = step.checks.flatMap((group) => [
    ...group.rows.map(([key, expected, seen, held]) => make("tr", { className: held ? "" : "broken" },
      make("th", { scope: "row" }, key), make("td", {}, expected), make("td", {}, seen), make("td", {}, held ? "holds" : "does not hold"))),
    ...(group.causes.length ? [make("tr", { className: "causes" },
      make("td", { colSpan: 4 }, ...group.causes.map((cause) => make("p", {}, ...marked(cause)))))] : []),
  ]);
  const more = step.moreChecks ? make("p", { className: "faint" }, `… and ${many(step.moreChecks, "more expectation")}`) : null;
  return make("div", {}, table("checks", "expectations", ["expectation", "expected", "seen", ""], lines), more);
}

function drawVenv(venv) {
  const items = venv.map(([name, before, after]) => make("li", {}, `${name} `,
    before ? make("del", {}, before) : null, before && after ? " → " : null, after ? make("ins", {}, after) : null));
  return make("div", {}, make("h4", {}, "venv"), make("ul", { className: "venv" }, ...items));
}

function drawLock(lines) {
  const tags = { "+": "ins", "-": "del" };
  return make("details", { className: "file" }, make("summary", {}, "changes of the lockfile"),
    make("pre", { className: "diff", tabIndex: 0 }, ...lines.flatMap((line) => [make(tags[line[0]] || "span", {}, line), "\n"])));
}

function drawRows(step) {
  const lines = step.rows.map(([kind, place, after, method, status, what, index, subject, sent, nominal, remark, decides]) => {
    const dot = make("span", { className: `dot ${kind}` });
    dot.style.setProperty("--place", place);
    const why = decides ? make("b", { className: "decides" }, ` decides: ${decides}`) : null;
    return make("tr", { className: `${kind} ${decides ? "deciding" : ""}` }, make("td", {}, kind),
      make("td", { className: "lane", title: after }, kind === "reused" ? "" : dot), make("td", {}, after),
      make("td", {}, `${method} ${status}`), make("td", {}, what), make("td", {}, index),
      make("th", { scope: "row" }, subject), make("td", {}, sent), make("td", {}, nominal), make("td", {}, ...marked(remark), why));
  });
  const heads = ["", "when", "after", "answer", "kind", "index", "what", "sent", "nominal", "remark"];
  const more = step.moreRows ? make("p", { className: "faint" }, `… and ${many(step.moreRows, "more request")}`) : null;
  return make("div", {}, make("h4", {}, "exchanges"), table("exchanges", "exchanges", heads, lines), more);
}

// ---------------------------------------------------------------- what the reader does

let chosen = [];
function draw() {
  chosen = chosenFolds();
  const shown = chosen.reduce((sum, fold) => sum + fold.plays.length, 0);
  const total = data.folds.reduce((sum, fold) => sum + fold.plays.length, 0);
  byId("shown").textContent = `${shown.toLocaleString("en")} of ${many(total, "play")}`;
  drawCauses(chosen);
  drawMatrix(chosen);
  plays.show(chosen, drawPlay);
}

function openPlay(place) {
  if (!chosen.includes(data.folds[place])) return;
  plays.reveal(data.folds[place]);
  const node = byId(`play-${place}`);
  node.open = true;
  node.scrollIntoView();
  node.querySelector("summary").focus({ preventScroll: true });
}

function keepInUrl() {
  history.replaceState(null, "", stateText());
  draw();
}

let waiting = 0;
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(keepInUrl, 120); });
form.addEventListener("reset", () => { clearTimeout(waiting); waiting = setTimeout(keepInUrl, 0); });
document.addEventListener("click", (event) => {
  // The hash may already be the play's, so that no hashchange would follow.
  const link = event.target.closest("a.to-play");
  if (link && link.hash === location.hash) openPlay(readUrl());
});
function follow() {
  const place = readUrl();
  draw();
  if (place >= 0) openPlay(place);
}
window.addEventListener("hashchange", follow);
follow();
