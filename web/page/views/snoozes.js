// What is kept out of the feed for a while: by whom, why, until when, and what it hid.

import { get, may, post } from "../api.js";
import { h, h1, link, listOf, meta, p, tag, time } from "../dom.js";
import { doing } from "../form.js";

function row(one, names) {
  const what = [
    one.household ? names.get(one.household) || "a family" : "any family",
    one.kind,
    one.topic,
  ].filter(Boolean);
  const end = async () => {
    await post("snooze", { end: one.seq });
  };
  return h(
    "li",
    { class: "kith-row" },
    h("div", {}, what.join(" · "), one.ended ? [" ", tag("ended", "grey")] : ""),
    meta(
      `${one.by}: ${one.why} · until `,
      time(one.ended || one.until),
      ` · ${one.hid} hidden`,
      one.ended_by ? ` · ended by ${one.ended_by}` : "",
    ),
    !one.ended && may("snooze") ? doing("End this snooze now", end) : null,
  );
}

export async function snoozes() {
  const [{ snoozes: all }, { households }] = await Promise.all([
    get("snoozes", { ended: true }),
    get("household"),
  ]);
  const names = new Map(households.map((one) => [one.id, one.name]));
  const now = all.filter((one) => !one.ended);
  const before = all.filter((one) => one.ended);
  return [
    h1("Snoozed"),
    p("What a snooze hides comes back when it ends, as new. What is urgent is never hidden."),
    may("snooze") ? p(link("#/snooze", "Snooze something")) : null,
    now.length
      ? listOf(
          "Snoozed now",
          now.map((one) => row(one, names)),
        )
      : p("Nothing is snoozed."),
    before.length
      ? listOf(
          "Ended",
          before.map((one) => row(one, names)),
        )
      : null,
  ];
}
