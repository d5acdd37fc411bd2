// Logging in and out.

import { login, logout } from "../api.js";
import { h, h1, p } from "../dom.js";
import { doing, form } from "../form.js";
import { lookFor } from "./find.js";

export function logIn() {
  lookFor(""); // by whoever was here before
  return form({
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
    },
  });
}

export function logOut() {
  const leave = (everywhere) => async () => {
    await logout(everywhere);
    return "#/feed";
  };
  return [
    h1("Log out"),
    p("Everywhere: every browser in which you are logged in, such as one that you left open."),
    h(
      "div",
      { class: "kith-actions" },
      doing("Log out here", leave(false), ""),
      doing("Log out everywhere", leave(true)),
    ),
  ];
}
