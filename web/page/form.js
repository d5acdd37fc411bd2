// One way of making forms: fields, their errors (a summary with links, and each at its field), what
// a refusal says in the agent's words, and a submission that can be repeated without being done
// twice. Where it leads is gone to only if the person is still at the form.

import { Problem, me } from "./api.js";
import { go, h, h1 } from "./dom.js";

const LOGGED_OUT =
  "You have been logged out. Log in in another window, come back here and send it again: " +
  "what you wrote is still here.";

const said = (value) => (value || "").trim() !== "";
const describes = (field) => (field.hint ? `${field.name}-hint` : null);

// ---- the controls ----

function options(field) {
  return field.options.map(([value, text]) =>
    h("option", { value, selected: value === field.value }, text),
  );
}

function boxes(field) {
  return h(
    "div",
    { class: "govuk-checkboxes govuk-checkboxes--small" },
    field.options.map(([value, text], i) =>
      h(
        "div",
        { class: "govuk-checkboxes__item" },
        h("input", {
          type: "checkbox",
          class: "govuk-checkboxes__input",
          id: i ? `${field.name}-${i}` : field.name,
          name: field.name,
          value,
        }),
        h(
          "label",
          {
            class: "govuk-label govuk-checkboxes__label",
            for: i ? `${field.name}-${i}` : field.name,
          },
          text,
        ),
      ),
    ),
  );
}

function control(field) {
  const common = {
    id: field.name,
    name: field.name,
    required: field.required === true,
    autocomplete: field.autocomplete || "off",
    "aria-describedby": describes(field),
  };
  if (field.kind === "text")
    return h("textarea", { ...common, rows: "5", class: "govuk-textarea" }, field.value || "");
  if (field.kind === "choice")
    return h("select", { ...common, class: "govuk-select" }, options(field));
  if (field.kind === "boxes") return boxes(field);
  const type = { date: "date", password: "password" }[field.kind] || "text";
  const narrow = ["date", "number", "pounds"].includes(field.kind);
  return h("input", {
    ...common,
    type,
    class: `govuk-input ${narrow ? "govuk-input--width-10" : ""}`,
    value: field.value || "",
    inputmode: { number: "numeric", pounds: "decimal" }[field.kind],
    spellcheck: type === "text" && !narrow ? "true" : null,
  });
}

function group(field) {
  const hint = field.hint
    ? h("div", { class: "govuk-hint", id: `${field.name}-hint` }, field.hint)
    : null;
  const optional = field.required || field.kind === "choice" ? "" : " (optional)";
  const label = field.optional === false ? field.label : field.label + optional;
  if (field.kind === "boxes")
    return h(
      "fieldset",
      { class: "govuk-form-group govuk-fieldset", id: `${field.name}-group` },
      h("legend", { class: "govuk-fieldset__legend" }, label),
      hint,
      control(field),
    );
  return h(
    "div",
    { class: "govuk-form-group", id: `${field.name}-group` },
    h("label", { class: "govuk-label", for: field.name }, label),
    hint,
    control(field),
  );
}

// ---- what was entered ----

const NUMBERS = {
  number: [/^\d{1,9}$/, "Enter a whole number, such as 12"],
  pounds: [/^\d{1,7}(\.\d\d)?$/, "Enter pounds, such as 18.50"],
};

function valueOf(made, field) {
  const given = new FormData(made).getAll(field.name).map((one) => one.trim());
  return field.kind === "boxes" ? given : given[0] || "";
}

function errorOf(field, values) {
  const value = values[field.name];
  const needed = typeof field.required === "function" ? field.required(values) : field.required;
  const empty = field.kind === "boxes" ? !value.length : !said(value);
  if (empty) {
    const verb = ["choice", "boxes"].includes(field.kind) ? "Choose" : "Enter";
    return needed && (field.missing || `${verb}: ${field.label.toLowerCase()}`);
  }
  const [shape, what] = NUMBERS[field.kind] || [];
  return shape && !shape.test(value) && what;
}

// ---- what is wrong ----

function clearErrors(made) {
  made.querySelectorAll(".govuk-error-summary, .govuk-error-message").forEach((one) => {
    one.remove();
  });
  made.querySelectorAll(".govuk-form-group--error").forEach((one) => {
    one.classList.remove("govuk-form-group--error");
  });
  made.querySelectorAll("[aria-invalid]").forEach((one) => {
    one.removeAttribute("aria-invalid");
    const hint = document.getElementById(`${one.name}-hint`);
    if (hint) one.setAttribute("aria-describedby", hint.id);
    else one.removeAttribute("aria-describedby");
  });
}

function markField(made, name, text) {
  const at = made.querySelector(`#${name}-group`);
  const one = made.querySelector(`#${name}`);
  const id = `${name}-error`;
  at.classList.add("govuk-form-group--error");
  one.setAttribute("aria-invalid", "true");
  one.setAttribute(
    "aria-describedby",
    [one.getAttribute("aria-describedby"), id].filter(Boolean).join(" "),
  );
  const before = at.querySelector(".govuk-checkboxes") || one;
  at.insertBefore(h("p", { class: "govuk-error-message", id }, text), before);
}

function errorLink(made, name, text) {
  const jump = (event) => {
    event.preventDefault();
    made.querySelector(`#${name}`).focus();
  };
  return h("a", { href: `#${name}`, onclick: jump }, text);
}

// errors: [[field name or "", text]]
function showErrors(made, errors) {
  clearErrors(made);
  for (const [name, text] of errors) if (name) markField(made, name, text);
  const summary = h(
    "div",
    { class: "govuk-error-summary", role: "alert", tabindex: "-1" },
    h("h2", { class: "govuk-error-summary__title" }, "There is a problem"),
    h(
      "ul",
      { class: "govuk-list govuk-error-summary__list" },
      errors.map(([name, text]) => h("li", {}, name ? errorLink(made, name, text) : text)),
    ),
  );
  made.prepend(summary);
  summary.focus();
}

// The field that a refusal is about: by the member's name, or by the rule that it names.
function fieldOf(fields, problem) {
  const member = problem.field ? problem.field.split(".").pop() : "";
  const named = fields.find(
    (one) => one.name === member || (one.rules || []).includes(problem.rule),
  );
  return named ? named.name : "";
}

// A warning that may be gone on despite of: a box to tick, once it has been read.
function offerDespite(made, rule, text) {
  if (made.querySelector("#despite-group")) return;
  const field = {
    name: "despite",
    kind: "boxes",
    label: "Go on all the same",
    optional: false,
    options: [[rule, text]],
  };
  made.querySelector("[type=submit]").before(group(field));
}

// ---- the form ----

// fields: [{name, label, hint, kind, options, required (or a function of the values), missing,
// rules, value}]; warnings: rule → what is agreed to by going on; act(values, key) → the address
// that comes next, or nothing: this one anew.
export function form({ title, lead, fields = [], send, act, warnings = {}, kind }) {
  let key = crypto.randomUUID();
  const submit = h("button", { type: "submit", class: `govuk-button ${kind || ""}` }, send);
  const made = h("form", { novalidate: true }, lead, fields.map(group), submit);

  async function sent() {
    const values = Object.fromEntries(fields.map((one) => [one.name, valueOf(made, one)]));
    const wrong = fields.map((one) => [one.name, errorOf(one, values)]).filter(([, text]) => text);
    if (wrong.length) {
      showErrors(made, wrong);
      return;
    }
    clearErrors(made);
    const despite = new FormData(made).getAll("despite");
    const next = await act(despite.length ? { ...values, despite } : values, key);
    if (made.isConnected) go(next);
  }

  made.addEventListener("input", () => {
    key = crypto.randomUUID();
  });
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    try {
      await sent();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      const out = problem.status === 401 && me.user;
      showErrors(made, [[fieldOf(fields, problem), out ? LOGGED_OUT : problem.message]]);
      if (warnings[problem.rule]) offerDespite(made, problem.rule, warnings[problem.rule]);
    } finally {
      submit.disabled = false;
    }
  });
  return title ? [h1(title), made] : made;
}

// One button that does something, with the same errors and the same single doing.
export const doing = (send, act, kind = "govuk-button--secondary") =>
  h("div", { class: "kith-doing" }, form({ send, act, kind }));
