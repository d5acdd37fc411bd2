// What waits for a person here; what is overdue comes first.

import { get, may } from "../api.js";
import { h, h1, h2, link, listOf, meta, p, refill, tag, time } from "../dom.js";
import { announce } from "../live.js";
import { silences } from "./entry.js";

async function tasks() {
  const all = [];
  let after = 0,
    page;
  do {
    page = await get("inbox", { after, limit: 500 });
    all.push(...page.tasks);
    after = page.tasks.length ? page.tasks.at(-1).seq : after;
  } while (page.more && page.tasks.length);
  return { all, silent: page.silent };
}

export const overdue = (task, status) =>
  Boolean(task.due) && Date.parse(task.due) < Date.parse(status.now);

const isMail = (task) => task.kind === "mail-to-read";

export function taskRow(task, late) {
  const kind = task.kind.replaceAll("-", " ");
  const address = `#/${isMail(task) ? "mail" : "notice"}/${task.notice_id}`;
  return h(
    "li",
    { class: `kith-row ${late ? "kith-row--urgent" : ""}` },
    h(
      "div",
      {},
      task.notice_id
        ? link(address, task.summary || kind)
        : task.summary || kind,
      late ? [" ", tag("overdue", "red")] : null,
    ),
    meta(
      `${kind}${task.agency ? ` · ${task.agency}` : ""} · since `,
      time(task.since),
      task.due ? [" · due ", time(task.due)] : "",
      task.reason ? ` · ${task.reason}` : "",
    ),
    may("done") && task.notice_id
      ? meta(link(`#/done/${task.notice_id}/${task.kind}`, `Done: ${kind}`))
      : null,
  );
}

async function list() {
  const [{ all, silent }, status] = await Promise.all([tasks(), get("status")]);
  const late = all.filter((task) => overdue(task, status));
  const rest = all.filter((task) => !late.includes(task));
  const part = (name, some, isLate) =>
    some.length
      ? [
          h2(name),
          listOf(
            name,
            some.map((task) => taskRow(task, isLate)),
          ),
        ]
      : [];
  return [
    silences(silent),
    part("My overdue", late, true),
    part("Open", rest, false),
    all.length ? null : p("Nothing waits for a person here."),
  ];
}

export async function inbox() {
  const place = h("div", {}, await list());
  return {
    content: [h1("To do"), place],
    changed: async () => {
      refill(place, await list());
      announce("The list of what is to do may have changed");
    },
  };
}
