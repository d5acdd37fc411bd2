// Who can help with a need, and who knows about it; and what this agency says of itself there.

import { get, may, post } from "../api.js";
import { facts, h, h1, h2, link, listOf, p, tag } from "../dom.js";
import { form } from "../form.js";

function places(service) {
  if (!service.counted) return "";
  return service.places ? `${service.free} free of ${service.places}` : `${service.free} free`;
}

function actions(one, own) {
  const id = one.service && encodeURIComponent(one.service.id);
  if (one.agency === own)
    return one.service && may("offer") ? link(`#/service/${id}`, "Change this") : null;
  if (!one.may_refer || !may("submit:referral")) return null;
  return link(`#/refer//${one.agency}${id ? `/${id}` : ""}`, `Refer to ${one.agency}`);
}

function found(one, own) {
  const { service, knows } = one;
  return h(
    "li",
    { class: "kith-row" },
    h(
      "h3",
      { class: "govuk-heading-s" },
      `${service ? service.name || service.id : knows.subject}, ${one.agency}`,
      one.full ? [" ", tag("full", "red")] : "",
      one.stale ? [" ", tag("nobody has looked at it for long", "yellow")] : "",
    ),
    facts([
      ...(service
        ? [
            ["What", service.what],
            ["Needs", service.needs.join(", ")],
            ["For whom", service.whom],
            ["Not for", service.not_whom],
            ["Where", service.where],
            ["Hours", service.hours],
            ["Places", places(service)],
          ]
        : [["Ask", knows.role]]),
      ["Phone", one.phone],
    ]),
    actions(one, own),
  );
}

const NOBODY = "Nobody offers that, as far as is known here. Try another word for it.";

// What is looked for. A need may say more of a family than an address should keep.
let need = "";

export function lookFor(words) {
  need = words;
  return "#/find";
}

async function answer() {
  const [{ found: list, more }, { agency }] = await Promise.all([
    post("find", { need }),
    get("status"),
  ]);
  return [
    h2("Found"),
    list.length
      ? listOf(
          "Found",
          list.map((one) => found(one, agency)),
        )
      : p(NOBODY),
    more ? p("There is more: say the need more closely.") : null,
  ];
}

export async function find() {
  return [
    h1("Directory"),
    form({
      send: "Search",
      fields: [
        {
          name: "need",
          label: "What is needed",
          hint: "A word or two: sleep, debt, parenting",
          required: true,
          value: need,
        },
      ],
      act: (values) => lookFor(values.need),
    }),
    need ? await answer() : null,
    may("offer")
      ? [
          h2("What we say of ourselves"),
          h(
            "p",
            { class: "govuk-body kith-actions" },
            link("#/service", "Offer a service"),
            link("#/knows", "Say who knows"),
            link("#/reach", "How we are reached"),
          ),
        ]
      : null,
  ];
}
