// Which address shows what. Addresses hold ids only; titles name the kind of page, never a family.

import { Problem, login, logout, may, me, whoAmI } from "./api.js";
import { button, h, h1, link, p } from "./dom.js";
import { form } from "./form.js";
import { stopListening } from "./live.js";
import { alertNew, alerts } from "./views/alerts.js";
import { feed, frontDoor } from "./views/feed.js";
import { find } from "./views/find.js";
import { handOver, household } from "./views/household.js";
import { inbox } from "./views/inbox.js";
import { notice } from "./views/notice.js";
import { refer } from "./views/refer.js";
import { status } from "./views/status.js";

const PAGES = [
  // address, title, view, in the menu as, what the role must have
  ["feed", "Feed", feed, "Feed", "feed"],
  ["alerts", "Alerts", alerts, "Alerts", "feed"],
  ["inbox", "To do", inbox, "To do", "inbox"],
  ["find", "Directory", find, "Directory", "find"],
  ["status", "Status", status, "Status", "status"],
  ["front-door", "Front door", frontDoor],
  ["household", "Household", household],
  ["hand-over", "Hand over", handOver],
  ["alert", "Raise an alert", alertNew],
  ["refer", "Refer", refer],
  ["notice", "Notice", notice],
];

const main = document.getElementById("main");
const nav = document.getElementById("nav");
const who = document.getElementById("who");
let turn = 0;

function menu(current) {
  nav.hidden = !me.user;
  nav.replaceChildren(
    h(
      "ul",
      {},
      PAGES.filter((page) => page[3] && may(page[4])).map(([address, , , name]) =>
        h(
          "li",
          {},
          h(
            "a",
            { href: `#/${address}`, "aria-current": address === current ? "page" : null },
            name,
          ),
        ),
      ),
    ),
  );
  who.replaceChildren();
  if (!me.user) return;
  who.append(`${me.user}, ${me.role} `);
  if (me.by_proxy) return;
  who.append(h("a", { class: "govuk-link govuk-link--inverse", href: "#/log-out" }, "Log out"));
}

function show(title, content) {
  document.title = `${title} – Kith`;
  main.replaceChildren(...[content].flat(Infinity).filter(Boolean));
  const heading = main.querySelector("h1");
  (heading || main).focus();
  window.scrollTo(0, 0);
}

function loginPage() {
  Object.assign(me, { user: "", may: [] });
  menu("");
  show(
    "Log in",
    form({
      title: "Log in",
      fields: [
        { name: "user", label: "Name", required: true, autocomplete: "username" },
        {
          name: "password",
          label: "Password",
          kind: "password",
          required: true,
          autocomplete: "current-password",
        },
      ],
      send: "Log in",
      act: async ({ user, password }) => {
        await login(user, password);
        await render();
      },
    }),
  );
}

function logoutPage() {
  const leave = (everywhere) => async () => {
    await logout(everywhere);
    location.hash = "";
    loginPage();
  };
  show("Log out", [
    h1("Log out"),
    h(
      "div",
      { class: "kith-actions" },
      button("Log out here", leave(false), "govuk-button"),
      button("Log out everywhere", leave(true)),
    ),
  ]);
}

function problemPage(problem) {
  const words =
    problem.status === 403
      ? "Your role may not see this."
      : problem.status === 503 || problem.status === 504
        ? "This agency's agent is not there at the moment. Nothing is lost; try again."
        : problem.status === 404
          ? "There is no such thing here."
          : "This could not be shown.";
  show("Problem", [
    h1("There is a problem"),
    p(words),
    p(problem.message),
    button("Try again", () => render()),
  ]);
}

async function render() {
  const mine = ++turn;
  const [address, id] = location.hash.replace(/^#\/?/, "").split("/");
  stopListening();
  try {
    if (!me.user) await whoAmI();
    if (address === "log-out") {
      menu("");
      logoutPage();
      return;
    }
    const page = PAGES.find(([name]) => name === address) || PAGES[0];
    menu(page[0]);
    main.setAttribute("aria-busy", "true");
    const content = await page[2](id || "", render);
    if (mine === turn) show(page[1], content);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (mine !== turn) return;
    if (problem.status === 401) loginPage();
    else problemPage(problem);
  } finally {
    main.removeAttribute("aria-busy");
  }
}

document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener("hashchange", render);
render();
