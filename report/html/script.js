"use strict";
// The page is whole without this script: it only filters and sorts the hosts.
(() => {
  const table = document.getElementById("hosts");
  if (!table) return;
  const rows = [...table.tBodies];
  const text = document.getElementById("filter-text");
  const state = document.getElementById("filter-state");
  const owner = document.getElementById("filter-owner");
  const shown = document.getElementById("shown");
  const words = new Map(rows.map((row) => [row, row.rows[0].textContent.toLowerCase()]));

  const filter = () => {
    const want = text.value.toLowerCase().trim();
    let count = 0;
    for (const row of rows) {
      const fits = (!want || words.get(row).includes(want)) &&
        (!state.value || row.dataset.state === state.value) &&
        (!owner.value || row.dataset.owner === owner.value);
      row.hidden = !fits;
      if (fits) count++;
    }
    shown.textContent = `${count} of ${rows.length} shown`;
  };
  let wait = 0;
  text.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(filter, 120); });
  state.addEventListener("change", filter);
  owner.addEventListener("change", filter);

  const order = new Intl.Collator("en", { numeric: true });
  for (const button of table.querySelectorAll("th button")) {
    button.addEventListener("click", () => {
      const head = button.parentElement;
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = (row) => {
        const cell = row.rows[0].cells[head.cellIndex];
        return cell.dataset.sort || cell.textContent;
      };
      const keys = new Map(rows.map((row) => [row, value(row)]));
      rows.sort((a, b) => (down ? -1 : 1) * order.compare(keys.get(a), keys.get(b)));
      table.append(...rows);
    });
  }
  document.getElementById("tools").hidden = false;
  filter();
})();
