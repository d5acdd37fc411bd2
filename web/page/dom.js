// Elements from data. A text becomes a text node and nothing else, so what somebody wrote is shown
// and never run.

const SVG = "http://www.w3.org/2000/svg";

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}

export function h(tag, attributes, ...children) {
  return build(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes, ...children) {
  return build(document.createElementNS(SVG, tag), attributes, children);
}

export const p = (...children) => h("p", { class: "govuk-body" }, ...children);
export const h1 = (text) => h("h1", { class: "govuk-heading-l", tabindex: "-1" }, text);
export const h2 = (text) => h("h2", { class: "govuk-heading-m" }, text);
export const link = (href, text) => h("a", { class: "govuk-link", href }, text);
export const inset = (...children) => h("div", { class: "govuk-inset-text" }, ...children);
export const meta = (...children) => h("p", { class: "govuk-body-s kith-meta" }, ...children);

export function tag(text, colour) {
  return h("strong", { class: `govuk-tag govuk-tag--${colour || "grey"}` }, text);
}

const DAY = { day: "numeric", month: "short", year: "numeric" };

function shown(text, format) {
  if (!text) return "";
  return h("time", { datetime: text }, new Date(text).toLocaleString("en-GB", format));
}
export const time = (text) => shown(text, { ...DAY, hour: "2-digit", minute: "2-digit" });
export const day = (text) => shown(text, DAY);

// A board stands under its alert's own heading: its caption is for those who hear it.
const captionOf = (kind) =>
  kind === "kith-board" ? "govuk-visually-hidden" : "govuk-table__caption govuk-table__caption--s";

// head: names of columns; rows: lists of cells, the first of which names its row.
export function table(caption, head, rows, kind = "") {
  return h(
    "div",
    { class: "kith-scroll", tabindex: "0", role: "group", "aria-label": caption },
    h(
      "table",
      { class: `govuk-table ${kind}` },
      h("caption", { class: captionOf(kind) }, caption),
      h(
        "thead",
        { class: "govuk-table__head" },
        h(
          "tr",
          { class: "govuk-table__row" },
          head.map((name) => h("th", { scope: "col", class: "govuk-table__header" }, name)),
        ),
      ),
      h(
        "tbody",
        { class: "govuk-table__body" },
        rows.map((cells) =>
          h(
            "tr",
            { class: "govuk-table__row" },
            cells.map((cell, i) =>
              i === 0
                ? h("th", { scope: "row", class: "govuk-table__header" }, cell)
                : h("td", { class: "govuk-table__cell" }, cell),
            ),
          ),
        ),
      ),
    ),
  );
}

// What is needed less often, behind a word that opens it.
export const more = (word, ...children) =>
  h(
    "details",
    { class: "govuk-details" },
    h(
      "summary",
      { class: "govuk-details__summary" },
      h("span", { class: "govuk-details__summary-text" }, word),
    ),
    h("div", { class: "govuk-details__text" }, ...children),
  );

export const listOf = (name, items) => h("ul", { class: "kith-list", "aria-label": name }, items);

// To an address of this page; to the one it is at: shown anew.
export function go(address = location.hash) {
  if (address === location.hash) window.dispatchEvent(new Event("hashchange"));
  else location.hash = address;
}

// Other contents for a place that is shown: what was opened stays open, and the focus where it was.
export function refill(place, ...children) {
  const at = place.contains(document.activeElement) ? document.activeElement : null;
  const open = [...place.querySelectorAll("details")].map((one) => one.open);
  place.replaceChildren(...children.flat(Infinity).filter(Boolean));
  place.querySelectorAll("details").forEach((one, i) => {
    one.open = Boolean(open[i]);
  });
  if (!at) return;
  const href = at.getAttribute("href");
  const again = href ? place.querySelector(`a[href="${CSS.escape(href)}"]`) : null;
  (again || place.querySelector("h1") || document.getElementById("main")).focus();
}

export function facts(pairs) {
  return h(
    "dl",
    { class: "govuk-summary-list" },
    pairs
      .filter(([, value]) => value !== "" && value !== null && value !== undefined)
      .map(([name, value]) =>
        h(
          "div",
          { class: "govuk-summary-list__row" },
          h("dt", { class: "govuk-summary-list__key" }, name),
          h("dd", { class: "govuk-summary-list__value kith-text" }, value),
        ),
      ),
  );
}
