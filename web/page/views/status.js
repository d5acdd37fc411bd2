// The agent and its brokers, in words a practitioner understands.

import { get } from "../api.js";
import { facts, h, h1, h2, p, table, time } from "../dom.js";

function summary(status) {
  const well = status.brokers.filter((one) => one.state === "well").length;
  const waiting = status.owed.reduce((sum, one) => sum + Number(one.stored_here), 0);
  const lines = [];
  if (status.read_only)
    lines.push("The disk is full: only urgent things are taken. Tell whoever runs this system.");
  if (!well)
    lines.push("No hub can be reached. What you send is kept here and goes out when one is back.");
  else lines.push("The connection stands. What you send goes out at once.");
  lines.push(
    waiting
      ? `${waiting} message${waiting === 1 ? " is" : "s are"} still kept here, to be sent.`
      : "Nothing is waiting to be sent.",
  );
  if (Number(status.quarantined_here))
    lines.push(
      `Messages that could not be read, and wait for a person: ${status.quarantined_here}.`,
    );
  return lines;
}

const broker = (one) => [
  one.id,
  one.state === "well" ? "well" : one.state,
  one.publishing ? "yes" : "",
  time(one.since),
];
const owed = (one) => [
  one.agency,
  one.connected ? "connected" : ["silent since ", time(one.silent_since)],
  String(one.stored_here),
  String(one.at_the_hub),
  String(one.delivered),
  String(one.seen),
];

export async function status() {
  const one = await get("status");
  return [
    h1("Status"),
    h(
      "ul",
      { class: "govuk-list govuk-list--bullet" },
      summary(one).map((line) => h("li", {}, line)),
    ),
    facts([
      ["Agency", one.name || one.agency],
      ["Partnership", `${one.partnership}, version ${one.partnership_version}`],
      ["Exercise", one.exercise ? "yes: nothing here is real" : ""],
      ["Clock", time(one.now)],
    ]),
    h2("Hubs"),
    table("Hubs", ["Hub", "State", "Used now", "Since"], one.brokers.map(broker)),
    h2("Other agencies"),
    one.owed.length
      ? table(
          "What is on its way to whom",
          ["Agency", "", "Kept here", "At the hub", "Delivered", "Seen"],
          one.owed.map(owed),
        )
      : p("There is nobody else."),
  ];
}
