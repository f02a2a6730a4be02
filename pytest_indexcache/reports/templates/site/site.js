"use strict";
// Filters the matrix, and keeps the filter in the URL. Without it every row is there to read.
(() => {
  const form = document.getElementById("filter");
  const rows = [...document.querySelectorAll("#matrix > tr")];
  if (!form || !rows.length) return;
  const names = ["text", "subject", "tag", "installer", "state"];
  const fields = names.map((name) => document.getElementById(name));
  const shown = document.getElementById("shown");
  const texts = rows.map((row) => row.firstElementChild.textContent.toLowerCase());

  const hasState = (row, installer, state) =>
    row.dataset.states.split(" ").some((pair) => {
      const place = pair.lastIndexOf("=");
      const isNamed = !installer || pair.slice(0, place) === installer;
      return place > 0 && isNamed && (!state || pair.slice(place + 1) === state);
    });

  const apply = () => {
    const [text, subject, tag, installer, state] = fields.map((field) => field.value);
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, place) => {
      const fits =
        words.every((word) => texts[place].includes(word)) &&
        (!subject || row.dataset.subject === subject) &&
        (!tag || row.dataset.tags.split(" ").includes(tag)) &&
        (!(installer || state) || hasState(row, installer, state));
      row.hidden = !fits;
      count += fits;
    });
    shown.textContent = `${count} of ${rows.length} scenarios`;
  };

  const write = () => {
    const query = new URLSearchParams();
    fields.forEach((field) => field.value && query.set(field.id, field.value));
    history.replaceState(null, "", query.size ? `#${query}` : location.pathname + location.search);
  };

  const read = () => {
    const query = new URLSearchParams(location.hash.slice(1));
    fields.forEach((field) => {
      field.value = query.get(field.id) ?? "";
      if (field.value === "" && field.options) field.selectedIndex = 0;
    });
    apply();
  };

  form.hidden = false;
  form.addEventListener("input", () => { apply(); write(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { apply(); write(); }));
  addEventListener("hashchange", read);
  read();
})();
