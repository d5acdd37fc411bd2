// The partnership's money for small help: what is left, and what is asked for.

import { get } from "../api.js";
import { h1, h2, link, p, table, time } from "../dom.js";

export const pounds = (pence) =>
  (Number(pence) / 100).toLocaleString("en-GB", { style: "currency", currency: "GBP" });

const open = (one) => [
  link(`#/notice/${one.id}`, one.what),
  one.from,
  pounds(one.approved || one.asked),
  one.state,
];

const HEAD = ["Holder", "In all", "Left", "Set aside", "Spent", "Said"];

const pot = (one) => [
  h2(one.name || one.pot),
  table("What is left", HEAD, [
    [
      one.holder,
      pounds(one.amount),
      pounds(one.balance),
      pounds(one.set_aside),
      pounds(one.spent),
      one.said ? time(one.said) : "",
    ],
  ]),
  one.open.length
    ? table("Asked for or approved", ["What", "By", "Sum", "State"], one.open.map(open))
    : p("Nothing is asked for."),
];

export async function pots() {
  const { pots: all } = await get("pot");
  return [
    h1("Small help"),
    p("A fare, a bed: asked for by any agency around a family, approved by the pot's holder."),
    all.length ? all.map(pot) : p("The partnership has no pot."),
  ];
}
