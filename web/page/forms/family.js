// A household: opened, its people and team, its lead handed over, closed and opened again; what is
// asked for together: an assessment, small help.

import { get, post, submit } from "../api.js";
import { link, meta, p } from "../dom.js";
import { form } from "../form.js";
import {
  NEED_MET,
  agencyField,
  code,
  familyField,
  familyOf,
  onDay,
  others,
  pence,
  said,
  seated,
  still,
} from "./parts.js";

const boxesOf = (names) => names.map((one) => [one, one]);
const change = (household, household_change, key, despite) =>
  submit({ household, household_change, despite }, key);

const ROLE = {
  name: "role",
  label: "Role",
  hint: "A role that is handed over, never a person: such as family worker",
  rules: ["lead-role-unknown", "lead-unstaffed"],
};
const READ_FIRST = {
  name: "read_first",
  label: "What your successor is to read before all else",
  kind: "text",
  rules: ["lead-read-first"],
};

export async function open() {
  const status = await get("status");
  return form({
    title: "Open a household",
    lead: p("Look first whether it is open already: the feed lists those that are known here."),
    send: "Open it",
    fields: [
      { name: "name", label: "What the team calls the family", required: true },
      { name: "reason", label: "Why it is opened", kind: "text", required: true },
      {
        name: "team",
        label: "Agencies around the family",
        kind: "boxes",
        options: boxesOf(others(status)),
      },
    ],
    act: async ({ name, reason, team }, key) => {
      const seats = team.map((agency) => ({ agency }));
      const opened = { opened: true, name, reason, team: seats };
      const made = await submit({ household_change: opened }, key);
      return `#/household/${made.id}`;
    },
  });
}

// A record that an event is about belongs to a household.
export async function linkRecord(notice) {
  const [shown, family] = await Promise.all([get("show", { id: notice }), familyField()]);
  const refs = shown.notice.event.about.map((one) => one.ref);
  return form({
    title: "Link a record",
    lead: p("What names this record from then on is of this household. Nobody else is told."),
    send: "Link it",
    fields: [
      {
        name: "ref",
        label: "Record",
        kind: "choice",
        required: true,
        options: refs.map((one, i) => [String(i), `${one.system}/${one.id}`]),
      },
      family,
      { name: "why", label: "What you compared", required: true },
    ],
    act: async ({ ref, household, why }) => {
      await post("link", { ref: refs[Number(ref)], household, why });
      return `#/household/${household}`;
    },
  });
}

const PERSON = [
  { name: "name", label: "Name", hint: "Or what they want to be called", required: true },
  {
    name: "role",
    label: "Role in the family",
    hint: "Such as child, carer, kin",
    required: true,
  },
  {
    name: "trusted_with",
    label: "What the family trusts them with",
    hint: "Such as the school run",
  },
  {
    name: "flags",
    label: "What others must know",
    kind: "boxes",
    options: [
      ["shielded", "Shielded: some readers must never learn of this person"],
      ["beyond", "Kin, or a trusted person, beyond the address"],
    ],
  },
];

export async function member(id) {
  const family = await familyOf(id);
  return form({
    title: "Name a person",
    lead: p(family.name),
    send: "Add the person",
    fields: PERSON,
    act: async ({ flags, ...person }, key) => {
      const shielded = flags.includes("shielded"),
        beyond = flags.includes("beyond");
      await change(id, { members: [{ ...person, shielded, beyond }] }, key);
      return `#/household/${id}`;
    },
  });
}

export async function team(id) {
  const [family, status] = await Promise.all([familyOf(id), get("status")]);
  const seats = seated(family);
  const outside = [status.agency, ...others(status)].filter((one) => !seats.includes(one));
  return form({
    title: "Change the team",
    lead: p(family.name),
    send: "Save",
    fields: [
      { name: "joins", label: "Who joins", kind: "boxes", options: boxesOf(outside) },
      {
        name: "leaves",
        label: "Who leaves",
        kind: "boxes",
        options: boxesOf(seats),
        rules: ["lead-in-team", "lead-without-successor"],
      },
    ],
    warnings: { "lead-without-successor": "It goes all the same, and a lead is then wanted" },
    act: async ({ joins, leaves, despite }, key) => {
      const changed = [
        ...joins.map((agency) => ({ agency })),
        ...leaves.map((agency) => ({ agency, to: status.now })),
      ];
      await change(id, { team: changed }, key, despite);
      return `#/household/${id}`;
    },
  });
}

export async function handOver(id) {
  const [family, status] = await Promise.all([familyOf(id), get("status")]);
  const held = Boolean(family.lead);
  const why = "why it is handed over";
  return form({
    title: "Hand over the lead",
    send: "Hand over",
    lead: [
      p(family.name),
      meta(
        "A household's feed belongs to its lead practitioner: a role, never a person's mailbox.",
      ),
    ],
    fields: [
      agencyField([status.agency, ...others(status)].sort(), {}),
      { ...ROLE, required: true },
      { ...READ_FIRST, required: held },
      { name: "reason", label: "Why", hint: why, required: held },
    ],
    act: async (lead, key) => {
      await change(id, { lead }, key);
      return `#/household/${id}`;
    },
  });
}

const OUTCOME = {
  name: "outcome",
  label: "Outcome",
  hint: "In a few words, as your agency counts it: goals reached",
  required: true,
  as: code,
};

export async function close(id) {
  const [family, status] = await Promise.all([familyOf(id), get("status")]);
  const ends = [OUTCOME, ...NEED_MET];
  return form({
    title: "Close the household",
    lead: [
      p(family.name),
      p("What comes afterwards is still shown. Without a successor everybody around is told so."),
    ],
    send: "Close it",
    fields: [
      ...ends,
      agencyField([status.agency, ...others(status)].sort(), {
        name: "successor",
        label: "Who reads on what comes afterwards",
        required: false,
      }),
      {
        ...ROLE,
        required: ({ successor }) => successor !== "",
        missing: "Say which role of the successor reads on",
      },
      READ_FIRST,
    ],
    act: async (values, key) => {
      const closing = said(ends, values);
      const { successor, role, read_first } = values;
      const lead = { agency: successor, role, read_first, reason: closing.outcome };
      await change(id, successor ? { closing, lead } : { closing }, key);
      return `#/household/${id}`;
    },
  });
}

export async function reopen(id) {
  const family = await familyOf(id);
  return form({
    title: "Reopen the household",
    lead: p(family.name),
    send: "Reopen it",
    fields: [{ name: "reason", label: "Why the work begins again", required: true }],
    act: async ({ reason }, key) => {
      await change(id, { closing: { reopened: true, reason } }, key);
      return `#/household/${id}`;
    },
  });
}

// ---- together ----

const ASSESSMENT = [
  {
    name: "kind",
    label: "Kind",
    hint: "Such as early help",
    required: true,
    as: code,
  },
  { name: "reason", label: "Why it is asked for", kind: "text", required: true },
];
const DUE = { name: "due", label: "Due by", kind: "date", as: onDay, rules: ["due-past"] };

export async function assessment(id) {
  const [family, status] = await Promise.all([familyOf(id), get("status")]);
  const around = family.team
    .filter(still)
    .map((one) => one.agency)
    .filter((one) => one !== status.agency);
  const fields = [
    ...ASSESSMENT,
    {
      name: "asked",
      label: "Who is asked",
      hint: "Nobody ticked: everyone around the family",
      kind: "boxes",
      options: boxesOf(around),
      rules: ["nobody-to-ask"],
    },
    { ...DUE, hint: "Left empty: by the partnership's clock" },
  ];
  return form({
    title: "Ask for an assessment",
    lead: [
      p(family.name),
      family.assessment
        ? p(link(`#/notice/${family.assessment}`, "There is one: read it first"))
        : null,
    ],
    send: "Ask for it",
    fields,
    warnings: { "assessment-exists": "The one that exists does not serve: I say why above" },
    act: async (values, key) => {
      const asked = { step: "requested", ...said(fields, values) };
      const { despite } = values;
      const made = await submit({ household: id, assessment: asked, despite }, key);
      return `#/notice/${made.id}`;
    },
  });
}

export async function smallHelp(id) {
  const [family, { pots }] = await Promise.all([familyOf(id), get("pot")]);
  const fields = [
    { name: "what", label: "What for", hint: "A fare, a bed …", required: true },
    {
      name: "amount",
      label: "Pounds",
      hint: "Such as 18.50",
      kind: "pounds",
      required: true,
      as: pence,
      rules: ["help-limit"],
    },
    {
      name: "pot",
      label: "Out of",
      kind: "choice",
      options: pots.map((one) => [one.pot, one.name || one.pot]),
      rules: ["pot-unknown"],
    },
    { name: "reason", label: "Why", kind: "text" },
  ];
  return form({
    title: "Ask for small help",
    lead: [
      p(family.name),
      pots.length ? p(link("#/pots", "What is left")) : p("The partnership has no pot."),
    ],
    send: "Ask for it",
    fields,
    act: async (values, key) => {
      const asked = { step: "asked", ...said(fields, values) };
      const made = await submit({ household: id, small_help: asked }, key);
      return `#/notice/${made.id}`;
    },
  });
}
