(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const chosen = { verdict: new Set(), level: new Set(), area: new Set() };
  const buttons = all("[data-filter]");
  const status = document.querySelector(".filters [role=status]");

  document.documentElement.lang = "en";
  document.querySelector(".filters").hidden = false;

  const fits = (facts) =>
    Object.entries(chosen).every(([name, values]) => values.size === 0 || values.has(facts[name]));

  const filtering = () => Object.values(chosen).some((values) => values.size > 0);

  /* pytest-html builds its table anew whenever it is sorted, so its rows are filtered again each time. */
  const text = (body, column) => body.querySelector(`.col-${column}`)?.textContent ?? "";
  const filterTable = () => {
    for (const body of all("#results-table tbody")) {
      const area = document.getElementById(text(body, "requirement"))?.dataset.area;
      const verdict = text(body, "verdict").split(" ").pop();
      body.hidden = !fits({ verdict, level: text(body, "level"), area });
    }
  };

  const apply = () => {
    const items = all(".report [data-verdict][data-area]");
    for (const item of items) item.hidden = !fits(item.dataset);
    for (const box of all(".because")) box.hidden = !box.querySelector("li:not([hidden])");
    for (const box of all(".filtered").reverse()) {
      box.hidden = !box.querySelector("[data-verdict][data-area]:not([hidden])");
      if (box.matches("details.passed")) box.open = filtering() && !box.hidden;
    }
    for (const button of buttons) {
      button.setAttribute("aria-pressed", chosen[button.dataset.filter].has(button.dataset.value));
    }
    const left = items.filter((item) => !item.hidden).length;
    status.textContent = filtering() ? `${left} of ${items.length} entries shown` : "";
    filterTable();
  };

  for (const button of buttons) {
    button.addEventListener("click", () => {
      const values = chosen[button.dataset.filter];
      if (!values.delete(button.dataset.value)) values.add(button.dataset.value);
      apply();
    });
  }

  const showAll = () => {
    for (const values of Object.values(chosen)) values.clear();
    apply();
  };
  document.querySelector(".filters .clear").addEventListener("click", showAll);

  /* An exchange is on the page once; opened beside a finding, it is copied there without its id. */
  for (const peek of all("details.peek")) {
    peek.addEventListener("toggle", () => {
      const wire = document.getElementById(peek.dataset.exchange)?.querySelector(".wire");
      if (!peek.open || !wire || peek.querySelector(".wire")) return;
      peek.querySelector("p").remove();
      peek.append(wire.cloneNode(true));
    });
  }

  const arrive = () => {
    let id = location.hash.slice(1);
    try {
      id = decodeURIComponent(id);
    } catch {
      return;
    }
    const target = id && document.getElementById(id);
    if (!target) return;
    if (target.closest("[hidden]")) showAll();
    for (let box = target; box; box = box.parentElement) if (box.tagName === "DETAILS") box.open = true;
    for (const other of all(".arrived")) other.classList.remove("arrived");
    target.classList.add("arrived");
    target.scrollIntoView({ block: "start" });
  };
  addEventListener("hashchange", arrive);

  const unfold = document.querySelector(".unfold");
  unfold.hidden = false;
  document.body.classList.add("folded");
  unfold.addEventListener("click", () => {
    const folded = document.body.classList.toggle("folded");
    unfold.setAttribute("aria-expanded", String(!folded));
  });

  addEventListener("DOMContentLoaded", () => {
    new MutationObserver(filterTable).observe(document.body, { childList: true });
    for (const head of all("#results-table .sortable")) {
      head.tabIndex = 0;
      head.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        head.click();
        head.focus();
      });
    }
    arrive();
  });
})();
