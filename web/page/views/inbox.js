// What waits for a person here; what is overdue comes first.

import { get, may, post } from "../api.js";
import { button, h, h1, h2, link, meta, p, tag, time } from "../dom.js";
import { announce, listen } from "../live.js";

async function tasks() {
  const all = [];
  let after = 0,
    page;
  do {
    page = await get("inbox", { after, limit: 500 });
    all.push(...page.tasks);
    after = page.tasks.length ? page.tasks.at(-1).seq : after;
  } while (page.more && page.tasks.length);
  return all;
}

function row(task, late, again) {
  const end = async () => {
    await post("done", { notice_id: task.notice_id, kind: task.kind, why: "done" });
    await again();
  };
  return h(
    "li",
    { class: `kith-row ${late ? "kith-row--urgent" : ""}` },
    h(
      "div",
      {},
      task.notice_id
        ? link(`#/notice/${task.notice_id}`, task.summary || task.kind)
        : task.summary || task.kind,
      late ? [" ", tag("overdue", "red")] : null,
    ),
    meta(
      `${task.kind.replaceAll("-", " ")}${task.agency ? ` · ${task.agency}` : ""} · since `,
      time(task.since),
      task.due ? [" · due ", time(task.due)] : "",
      task.reason ? ` · ${task.reason}` : "",
    ),
    may("done") && task.notice_id ? button("Done", end) : null,
  );
}

async function content(again) {
  const [all, status] = await Promise.all([tasks(), get("status")]);
  const late = all.filter((task) => task.due && Date.parse(task.due) < Date.parse(status.now));
  const rest = all.filter((task) => !late.includes(task));
  const part = (name, list, overdue) =>
    list.length
      ? [
          h2(name),
          h(
            "ul",
            { class: "kith-list", "aria-label": name },
            list.map((task) => row(task, overdue, again)),
          ),
        ]
      : [];
  return all.length
    ? [part("My overdue", late, true), part("Open", rest, false)].flat()
    : [p("Nothing waits for a person here.")];
}

export async function inbox(_, again) {
  const place = h("div", {}, await content(again));
  await listen(async () => {
    place.replaceChildren(...(await content(again)));
    announce("The list of what is to do may have changed");
  });
  return [h1("To do"), place];
}
