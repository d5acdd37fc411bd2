// One form on one screen: fields, their errors (a summary with links, and each at its field), and a
// submission that can be repeated without being done twice.

import { h, h1 } from "./dom.js";

function errorId(field) {
  return `${field.name}-error`;
}

function input(field) {
  const common = {
    id: field.name,
    name: field.name,
    required: field.required,
    autocomplete: field.autocomplete || "off",
    "aria-describedby": field.hint ? `${field.name}-hint` : null,
  };
  if (field.kind === "text")
    return h("textarea", { ...common, rows: "5", class: "govuk-textarea" }, field.value || "");
  if (field.kind === "choice") {
    return h(
      "select",
      { ...common, class: "govuk-select" },
      field.options.map(([value, text]) =>
        h("option", { value, selected: value === field.value }, text),
      ),
    );
  }
  return h("input", {
    ...common,
    type: field.kind || "text",
    class: "govuk-input",
    value: field.value || "",
    spellcheck: field.kind ? null : "true",
  });
}

function group(field) {
  return h(
    "div",
    { class: "govuk-form-group", id: `${field.name}-group` },
    h("label", { class: "govuk-label", for: field.name }, field.label),
    field.hint ? h("div", { class: "govuk-hint", id: `${field.name}-hint` }, field.hint) : null,
    input(field),
  );
}

function clearErrors(form) {
  form
    .querySelectorAll(".govuk-error-summary, .govuk-error-message")
    .forEach((one) => one.remove());
  form
    .querySelectorAll(".govuk-form-group--error")
    .forEach((one) => one.classList.remove("govuk-form-group--error"));
  form.querySelectorAll("[aria-invalid]").forEach((one) => one.removeAttribute("aria-invalid"));
}

// errors: [[field name or "", text]]
function showErrors(form, errors) {
  clearErrors(form);
  for (const [name, text] of errors) {
    const at = name && form.querySelector(`#${name}-group`);
    if (!at) continue;
    at.classList.add("govuk-form-group--error");
    const control = form.elements[name];
    control.setAttribute("aria-invalid", "true");
    at.insertBefore(h("p", { class: "govuk-error-message", id: errorId({ name }) }, text), control);
  }
  const summary = h(
    "div",
    { class: "govuk-error-summary", role: "alert", tabindex: "-1" },
    h("h2", { class: "govuk-error-summary__title" }, "There is a problem"),
    h(
      "ul",
      { class: "govuk-list govuk-error-summary__list" },
      errors.map(([name, text]) =>
        h(
          "li",
          {},
          name
            ? h(
                "a",
                {
                  href: `#${name}`,
                  onclick: (event) => {
                    event.preventDefault();
                    form.elements[name].focus();
                  },
                },
                text,
              )
            : text,
        ),
      ),
    ),
  );
  form.prepend(summary);
  summary.focus();
}

// fields: [{name, label, hint, kind, options, required, value}]; act(values, key) → a promise.
export function form({ title, lead, fields, send, act }) {
  let key = crypto.randomUUID();
  const control = h("button", { type: "submit", class: "govuk-button" }, send);
  const made = h("form", { novalidate: true }, lead, fields.map(group), control);
  made.addEventListener("input", () => {
    key = crypto.randomUUID();
  });
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(made));
    const missing = fields.filter((field) => field.required && !values[field.name].trim());
    if (missing.length) {
      showErrors(
        made,
        missing.map((field) => [field.name, `Enter: ${field.label.toLowerCase()}`]),
      );
      return;
    }
    clearErrors(made);
    control.disabled = true;
    try {
      await act(values, key);
    } catch (problem) {
      const named = fields.find(
        (field) => problem.field && problem.field.split(".").pop() === field.name,
      );
      showErrors(made, [[named ? named.name : "", problem.message]]);
    }
    control.disabled = false;
  });
  return title ? [h1(title), made] : made;
}
