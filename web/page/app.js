// Which address shows what. Addresses hold ids only; titles name the kind of page, never a family.

import { Problem, may, me, whoAmI } from "./api.js";
import { h, h1, p } from "./dom.js";
import { doing } from "./form.js";
import * as alert from "./forms/alert.js";
import * as family from "./forms/family.js";
import { offerKnows, offerReach, offerService } from "./forms/offer.js";
import * as plan from "./forms/plan.js";
import { refer } from "./forms/refer.js";
import { step } from "./forms/steps.js";
import { done, snooze } from "./forms/tasks.js";
import { feedEnd, listen, stopListening } from "./live.js";
import { alerts } from "./views/alerts.js";
import { feed, frontDoor } from "./views/feed.js";
import { find } from "./views/find.js";
import { household } from "./views/household.js";
import { inbox } from "./views/inbox.js";
import { mail } from "./views/mail.js";
import { notice } from "./views/notice.js";
import { pots } from "./views/pots.js";
import { logIn, logOut } from "./views/session.js";
import { snoozes } from "./views/snoozes.js";
import { status } from "./views/status.js";

// menu: what the role must have for it to stand there.
const PAGES = {
  feed: { title: "Feed", view: feed, menu: "feed" },
  alerts: { title: "Alerts", view: alerts, menu: "feed" },
  inbox: { title: "To do", view: inbox, menu: "inbox" },
  find: { title: "Directory", view: find, menu: "find" },
  status: { title: "Status", view: status, menu: "status" },
  "front-door": { title: "Front door", view: frontDoor },
  household: { title: "Household", view: household },
  notice: { title: "Notice", view: notice },
  mail: { title: "Mail", view: mail },
  snoozes: { title: "Snoozed", view: snoozes },
  pots: { title: "Small help", view: pots },
  // forms
  alert: { title: "Raise an alert", view: alert.raise },
  refer: { title: "Refer", view: refer },
  step: { title: "Say what happens", view: step },
  open: { title: "Open a household", view: family.open },
  link: { title: "Link a record", view: family.linkRecord },
  member: { title: "Name a person", view: family.member },
  team: { title: "Change the team", view: family.team },
  "hand-over": { title: "Hand over", view: family.handOver },
  close: { title: "Close a household", view: family.close },
  reopen: { title: "Reopen a household", view: family.reopen },
  assessment: { title: "Ask for an assessment", view: family.assessment },
  "small-help": { title: "Ask for small help", view: family.smallHelp },
  outcome: { title: "Outcome of a plan", view: plan.outcome },
  review: { title: "Review a plan", view: plan.review },
  snooze: { title: "Snooze", view: snooze },
  done: { title: "End a task", view: done },
  service: { title: "Offer a service", view: offerService },
  knows: { title: "Say who knows", view: offerKnows },
  reach: { title: "How we are reached", view: offerReach },
  "log-out": { title: "Log out", view: logOut },
};

const main = document.getElementById("main");
const nav = document.getElementById("nav");
const who = document.getElementById("who");
let turn = 0;

function menu(current) {
  const names = Object.keys(PAGES).filter((name) => PAGES[name].menu && may(PAGES[name].menu));
  const item = (name) =>
    h(
      "a",
      { href: `#/${name}`, "aria-current": name === current ? "page" : null },
      PAGES[name].title,
    );
  nav.hidden = !me.user;
  nav.replaceChildren(
    h(
      "ul",
      {},
      names.map((name) => h("li", {}, item(name))),
    ),
  );
  who.replaceChildren();
  if (!me.user) return;
  who.append(`${me.user}, ${me.role} `);
  if (me.mail_box)
    who.append(h("a", { class: "govuk-link govuk-link--inverse", href: me.mail_box }, "Mail"), " ");
  if (me.by_proxy) return;
  who.append(h("a", { class: "govuk-link govuk-link--inverse", href: "#/log-out" }, "Log out"));
}

const WORDS = {
  403: "Your role may not see this.",
  404: "There is no such thing here.",
  503: "This agency's agent is not there at the moment. Nothing is lost; try again.",
  504: "This agency's agent is not there at the moment. Nothing is lost; try again.",
};

function problemView(problem) {
  return [
    h1("There is a problem"),
    p(WORDS[problem.status] || "This could not be shown."),
    p(problem.message),
    doing("Try again", () => location.hash),
  ];
}

// What an address shows: {title, content, changed, connected}; the last two of what is live.
async function viewOf(name, words) {
  try {
    if (!me.user) await whoAmI();
    const page = PAGES[name];
    const after = await feedEnd();
    const view = await page.view(...words);
    return { title: page.title, after, ...(view.content ? view : { content: view }) };
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (problem.status !== 401) return { title: "Problem", content: problemView(problem) };
    Object.assign(me, { user: "", may: [] });
    return { title: "Log in", content: logIn() };
  }
}

function decoded(word) {
  try {
    return decodeURIComponent(word);
  } catch {
    return word; // typed by hand: it names nothing
  }
}

async function render() {
  const mine = ++turn;
  const address = location.hash;
  const [named, ...words] = address.replace(/^#\/?/, "").split("/").map(decoded);
  const name = Object.hasOwn(PAGES, named) ? named : "feed";
  stopListening();
  main.setAttribute("aria-busy", "true");
  const view = await viewOf(name, words);
  if (mine !== turn) return; // another address was gone to meanwhile
  menu(name);
  document.title = `${view.title} – Kith`;
  main.replaceChildren(...[view.content].flat(Infinity).filter(Boolean));
  main.dataset.address = address;
  main.removeAttribute("aria-busy");
  (main.querySelector("h1") || main).focus();
  window.scrollTo(0, 0);
  if (view.changed) listen(view.after, view);
}

document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener("hashchange", render);
render();
