(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  const made = (tag, facts = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), facts);
    element.append(...children);
    return element;
  };

  document.documentElement.lang = "en";
  document.documentElement.classList.add("js");

  /* What is folded lies compressed on the page: HTML that was escaped where it was made, and a list of texts. */
  const unpack = async () => {
    const packed = Uint8Array.from(atob(one("#packed").textContent), (letter) => letter.charCodeAt(0));
    const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(plain).json();
  };
  let unpacking;
  const kept = () => (unpacking ??= unpack());

  /* A long timeline begins where its first mark is. */
  const dress = (root) => {
    for (const box of all(".timeline", root)) {
      const mark = one("[data-at]", box);
      if (mark) box.scrollLeft = mark.dataset.at * box.scrollWidth - box.clientWidth / 2;
    }
  };

  const fill = async (details) => {
    const { part } = details.dataset;
    if (part === undefined || details.ariaBusy) return;
    details.ariaBusy = "true";
    try {
      details.insertAdjacentHTML("beforeend", (await kept()).parts[part]);
    } catch {
      details.append(made("p", { className: "quiet" }, "This browser cannot unpack it: see exchanges/ beside the page."));
    }
    delete details.dataset.part;
    details.ariaBusy = null;
    dress(details);
  };
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (!target.open) return;
      fill(target);
      dress(target);
    },
    true,
  );

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = made("textarea", { value: text });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  };
  document.addEventListener("click", async ({ target }) => {
    if (!target.matches?.(".copy")) return;
    await copy(one("pre", target.parentElement).textContent);
    target.textContent = "Copied";
    setTimeout(() => (target.textContent = "Copy"), 2000);
  });

  /* The filters and the search; the fragment keeps them: #requirement?verdict=FAIL&words=usage */
  const finder = one(".finder");
  const buttons = all("[data-filter]");
  const chosen = Object.fromEntries(buttons.map((button) => [button.dataset.filter, new Set()]));
  const search = finder && one("input", finder);
  let words = [];
  let told = new Map();

  const narrowed = () => words.length > 0 || Object.values(chosen).some((values) => values.size > 0);
  const fits = (facts, text) =>
    Object.entries(chosen).every(([name, values]) => values.size === 0 || values.has(facts[name])) &&
    words.every((word) => text.includes(word));

  const textOf = (entry) => {
    const around = entry.closest(".cause, .because");
    const head = around && around !== entry ? all("header, :scope > p, .group", around).map((each) => each.textContent) : [];
    return [entry.textContent, ...head, told.get(entry.dataset.id) ?? ""].join(" ").toLowerCase();
  };

  const apply = () => {
    const entries = all(".report [data-verdict][data-area]");
    for (const entry of entries) entry.hidden = narrowed() && !fits(entry.dataset, words.length ? textOf(entry) : "");
    for (const box of all(".because")) {
      box.hidden = !one("li:not([hidden])", box);
      if (narrowed()) one(".list", box).open ||= !box.hidden;
    }
    for (const box of all(".filtered").reverse()) {
      box.hidden = !one("[data-verdict][data-area]:not([hidden])", box);
      if (box.matches("details.passed")) box.open = narrowed() && !box.hidden;
    }
    for (const button of buttons) {
      button.setAttribute("aria-pressed", chosen[button.dataset.filter].has(button.dataset.value));
    }
    const left = entries.filter((entry) => !entry.hidden).length;
    one("[role=status]", finder).textContent = narrowed() ? `${left} of ${entries.length} entries shown` : "";
    one(".clear", finder).hidden = !narrowed();
    checks.draw();
  };

  const [place, query] = (() => {
    const [, id, asked] = /^#?([^?]*)(?:\?(.*))?$/s.exec(location.hash);
    return [id, asked ?? ""];
  })();
  let at = place;
  const keep = () => {
    const asked = new URLSearchParams();
    for (const [name, values] of Object.entries(chosen)) if (values.size) asked.set(name, [...values].join(","));
    if (words.length) asked.set("words", words.join(" "));
    const fragment = asked.size ? `${at}?${asked}` : at;
    history.replaceState(null, "", `#${fragment}`);
  };
  const change = () => {
    apply();
    keep();
  };
  const showAll = () => {
    for (const values of Object.values(chosen)) values.clear();
    words = [];
    search.value = "";
    change();
  };
  const look = async () => {
    words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length && !told.size && one("#packed")) await index();
    change();
  };
  /* A requirement is found by its requests, too. */
  const index = async () => {
    const found = new Map();
    for (const [, requirement, , , scenario, check] of (await kept()).checks) {
      found.set(requirement, `${found.get(requirement) ?? ""} ${scenario} ${check}`);
    }
    told = found;
  };
  const remember = () => {
    const asked = new URLSearchParams(query);
    for (const [name, values] of Object.entries(chosen)) {
      for (const value of asked.get(name)?.split(",") ?? []) values.add(value);
    }
    search.value = asked.get("words") ?? "";
    if (search.value) look();
    else if (narrowed()) apply();
  };

  /* Every check: drawn when asked for, some at a time, sorted as data and not as elements. */
  const checks = (() => {
    const STEP = 200;
    const columns = ["Verdict", "Requirement", "Level", "Area", "Scenario", "Check", "Judged in"];
    const unfold = one(".unfold");
    const box = one("#checks");
    let rows;
    let sources = {};
    let shown = STEP;
    let sorting = { column: 0, down: false };

    const link = (id) =>
      document.getElementById(id) ? made("a", { href: `#${encodeURIComponent(id)}` }, id) : id;
    const cited = (id) =>
      (sources[id] ?? []).flatMap(([mark, href, title]) => [
        " ",
        made("a", { href, title, className: "source", rel: "noopener noreferrer" }, mark),
      ]);
    const line = (row) => {
      const cells = row.map((value, column) => {
        const children =
          column === 0
            ? [made("span", { className: `v v-${value}` }, value)]
            : column === 1
              ? [link(value), ...cited(value)]
              : [column === 6 ? `${value} ms` : value];
        return made("td", { className: `c-${column}` }, ...children);
      });
      return made("tr", {}, ...cells);
    };
    const head = (name, column) => {
      const button = made("button", { type: "button", onclick: () => sort(column) }, name);
      const cell = made("th", { scope: "col" }, button);
      if (sorting.column === column) cell.ariaSort = sorting.down ? "descending" : "ascending";
      return cell;
    };
    const sort = (column) => {
      sorting = { column, down: sorting.column === column && !sorting.down };
      draw();
      all("th button", box)[column].focus();
    };
    /* They come worst first, which is no order of letters. */
    const sorted = (some) => {
      const { column, down } = sorting;
      if (column > 0) some.sort((a, b) => (a[column] < b[column] ? -1 : Number(a[column] > b[column])));
      return down ? some.reverse() : some;
    };
    const draw = () => {
      if (!rows || box.hidden) return;
      const left = sorted(
        rows.filter((row) =>
          fits({ verdict: row[0], level: row[2], area: row[3] }, words.length ? row.join(" ").toLowerCase() : ""),
        ),
      );
      const more = made("button", { type: "button", className: "more" }, `Show more of ${left.length}`);
      more.hidden = left.length <= shown;
      more.addEventListener("click", () => {
        shown += STEP;
        draw();
      });
      box.replaceChildren(
        made(
          "table",
          {},
          made("thead", {}, made("tr", {}, ...columns.map(head))),
          made("tbody", {}, ...left.slice(0, shown).map(line)),
        ),
        more,
      );
    };
    unfold?.addEventListener("click", async () => {
      box.hidden = !box.hidden;
      unfold.setAttribute("aria-expanded", String(!box.hidden));
      ({ checks: rows, sources } = await kept());
      draw();
    });
    if (unfold) unfold.hidden = false;
    return { draw };
  })();

  const arrive = () => {
    const [id] = location.hash.slice(1).split("?");
    let target;
    try {
      target = id && document.getElementById(decodeURIComponent(id));
    } catch {
      return;
    }
    if (!target) return;
    at = id;
    if (target.closest("[hidden]")) showAll();
    else if (finder) keep();
    for (let box = target; box; box = box.parentElement) if (box.tagName === "DETAILS") box.open = true;
    for (const rest of all(":scope > .rest", target)) rest.open = true;
    for (const other of all(".arrived")) other.classList.remove("arrived");
    target.classList.add("arrived");
    target.scrollIntoView({ block: "start" });
  };
  addEventListener("hashchange", arrive);

  if (finder) {
    finder.hidden = false;
    for (const button of buttons) {
      button.addEventListener("click", () => {
        const values = chosen[button.dataset.filter];
        if (!values.delete(button.dataset.value)) values.add(button.dataset.value);
        change();
      });
    }
    one(".clear", finder).addEventListener("click", showAll);
    let pause;
    search.addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(look, 150);
    });
  }

  addEventListener("DOMContentLoaded", () => {
    /* pytest-html's own line stands first on its page; a reader's first stop is the verdict. */
    const credit = one("body > p");
    if (credit) document.body.append(credit);
    for (const head of all("#results-table .sortable")) {
      head.tabIndex = 0;
      head.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        head.click();
        head.focus();
      });
    }
    dress(document);
    if (finder) remember();
    arrive();
  });
})();
