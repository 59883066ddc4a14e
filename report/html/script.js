"use strict";
// The page is whole without this script: it filters and sorts the endpoints, and shows
// what several endpoints share where it is asked for.
(() => {
  const table = document.getElementById("hosts");
  const rows = [...table.tBodies];
  const worstFirst = [...rows];
  const find = (id) => document.getElementById(id);
  const text = find("filter-text"), state = find("filter-state"), owner = find("filter-owner"), only = find("filter-only");
  const sortBy = find("sort"), shown = find("shown");
  const number = new Intl.NumberFormat("en");

  // What a row and everything that stands for it elsewhere says, read when first asked for.
  const shared = new Map();
  const sharedWords = (id) => {
    if (!shared.has(id)) shared.set(id, (find(id)?.textContent ?? "").toLowerCase());
    return shared.get(id);
  };
  const words = new Map();
  const says = (row, want) => {
    if (!words.has(row)) words.set(row, row.textContent.toLowerCase());
    if (words.get(row).includes(want)) return true;
    for (const link of row.querySelectorAll("a.see")) {
      if (sharedWords(link.hash.slice(1)).includes(want)) return true;
    }
    return false;
  };

  const filter = () => {
    const want = text.value.toLowerCase().trim();
    let count = 0;
    for (const row of rows) {
      const fits = (!state.value || row.dataset.state === state.value) &&
        (!owner?.value || row.dataset.owner === owner.value) &&
        (!only.value || only.value in row.dataset) &&
        (!want || says(row, want));
      if (row.hidden === fits) row.hidden = !fits;
      if (fits) count++;
    }
    shown.textContent = `${number.format(count)} of ${number.format(rows.length)} endpoints shown${order}`;
  };
  let order = ", worst first";
  let wait = 0;
  text.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(filter, 150); });
  for (const choice of [state, owner, only]) choice?.addEventListener("change", filter);
  find("clear").addEventListener("click", () => {
    text.value = state.value = only.value = "";
    if (owner) owner.value = "";
    filter();
    text.focus();
  });

  const collator = new Intl.Collator("en", { numeric: true });
  const heads = [...table.tHead.rows[0].cells];
  const names = heads.map((head) => head.textContent);
  const sort = (column, down) => {
    heads.forEach((head, i) => { if (i === column) head.setAttribute("aria-sort", down ? "descending" : "ascending"); else head.removeAttribute("aria-sort"); });
    sortBy.value = column;
    if (column === 1) { // by state, and within one by the worst
      rows.splice(0, rows.length, ...(down ? [...worstFirst].reverse() : worstFirst));
    } else {
      const keys = new Map(rows.map((row) => {
        const cell = row.rows[0].cells[column];
        return [row, cell.dataset.sort ?? cell.textContent];
      }));
      const compare = (a, b) => collator.compare(keys.get(a), keys.get(b));
      rows.sort((a, b) => (keys.get(a) === "") - (keys.get(b) === "") || (down ? compare(b, a) : compare(a, b)));
    }
    table.append(...rows);
    order = column === 1 && !down ? ", worst first" : `, by ${names[column].toLowerCase()}${down ? ", descending" : ""}`;
    filter();
  };
  heads.forEach((head, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    const first = i === 4; // the highest is the worst
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      sort(i, now ? now === "ascending" : first);
    });
  });
  sortBy.addEventListener("change", () => sort(Number(sortBy.value), sortBy.value === "4"));

  // An opened endpoint shows what it shares with others in place of the link to it.
  const fill = (details) => {
    for (const link of details.querySelectorAll("a.see")) {
      const block = find(link.hash.slice(1))?.querySelector(".block");
      if (block) link.parentElement.replaceWith(block.cloneNode(true));
    }
  };
  table.addEventListener("toggle", (event) => { if (event.target.open) fill(event.target); }, true);
  if (document.body.classList.contains("small")) table.querySelectorAll("details").forEach(fill);

  find("tools").hidden = false;
  filter();
})();
