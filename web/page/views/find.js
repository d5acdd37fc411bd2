// Who can help with a need, and who knows about it.

import { get } from "../api.js";
import { facts, h, h1, h2, link, p, tag } from "../dom.js";
import { form } from "../form.js";

function found(one) {
  const name = one.service ? one.service.name : one.knows.subject;
  const detail = one.service ? one.service : {};
  return h(
    "li",
    { class: "kith-row" },
    h(
      "h3",
      { class: "govuk-heading-s" },
      `${name}, ${one.agency}`,
      one.full ? [" ", tag("full", "red")] : "",
      one.stale ? [" ", tag("not looked at for long", "yellow")] : "",
    ),
    facts([
      ["What", detail.what],
      ["For whom", detail.whom],
      ["Not for", detail.not_whom],
      ["Where", detail.where],
      ["Hours", detail.hours],
      ["Ask", one.knows ? one.knows.role : ""],
      ["Phone", one.phone],
    ]),
    one.may_refer ? link("#/refer", "Refer") : null,
  );
}

export async function find() {
  const result = h("div", { "aria-live": "polite" });
  const search = form({
    send: "Search",
    fields: [{ name: "need", label: "What is needed", hint: "A word, or a code" }],
    act: async ({ need }) => {
      const answer = await get("find", { need }).catch((problem) => {
        if (problem.unknown) return null;
        throw problem;
      });
      const heading = h2("Found");
      if (!answer)
        result.replaceChildren(heading, p("This agency's agent has no directory search yet."));
      else if (!answer.found.length)
        result.replaceChildren(heading, p("Nobody offers that, as far as is known here."));
      else
        result.replaceChildren(heading, h("ul", { class: "kith-list" }, answer.found.map(found)));
    },
  });
  return [h1("Directory"), search, result];
}
