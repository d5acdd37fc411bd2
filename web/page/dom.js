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
export const meta = (...children) => h("p", { class: "govuk-body-s kith-meta" }, ...children);

export function button(text, act, kind) {
  return h(
    "button",
    { type: "button", class: `govuk-button ${kind || "govuk-button--secondary"}`, onclick: act },
    text,
  );
}

export function tag(text, colour) {
  return h("strong", { class: `govuk-tag govuk-tag--${colour || "grey"}` }, text);
}

const NEVER = "0000-";

export function time(text) {
  if (!text || text.startsWith(NEVER)) return "";
  const at = new Date(text);
  const shown = at.toLocaleString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
  return h("time", { datetime: text }, shown);
}

// head: names of columns; rows: lists of cells, the first of which names its row.
export function table(caption, head, rows, kind) {
  return h(
    "div",
    { class: "kith-scroll", tabindex: "0", role: "group", "aria-label": caption },
    h(
      "table",
      { class: `govuk-table ${kind || ""}` },
      h("caption", { class: "govuk-table__caption govuk-table__caption--s" }, caption),
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
