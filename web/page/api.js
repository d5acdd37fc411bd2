// Asking the server. A problem (RFC 9457) is thrown as Problem.

// The agent says what may be asked for next as commands and options of `kith`; here by their names.
const said = (text) =>
  text
    .replaceAll(/`?\bkith (?=[a-z])/g, "")
    .replaceAll(/--despite [a-z-]+/g, "“go on all the same”")
    .replaceAll("`", "");

export class Problem extends Error {
  constructor(status, body) {
    super(said(body.detail || "the server could not be reached: try again"));
    this.status = status;
    this.rule = body.rule || "unreachable";
    this.field = body.field || "";
  }
}

export const me = {
  user: "",
  role: "",
  may: [],
  csrf: "",
  by_proxy: false,
  mail_address: "",
  mail_box: "",
};

async function once(method, path, body, key) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-Kith-CSRF"] = me.csrf;
  if (key) headers["Idempotency-Key"] = key;
  let answer, value;
  try {
    answer = await fetch(`/api/v1/${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    value = text ? JSON.parse(text) : {};
  } catch {
    throw new Problem(0, {});
  }
  if (!answer.ok) throw new Problem(answer.status, value);
  return value;
}

// Somebody who was logged out while writing logs in beside it: this page then has the csrf token of
// a session that has ended, and takes the new one.
async function call(method, path, body, key) {
  try {
    return await once(method, path, body, key);
  } catch (problem) {
    if (problem.rule !== "csrf") throw problem;
    await whoAmI();
    return once(method, path, body, key);
  }
}

export function get(name, members) {
  const query = new URLSearchParams(
    Object.entries(members || {}).filter(([, value]) => value !== undefined && value !== ""),
  );
  return call("GET", query.size ? `${name}?${query}` : name);
}

export const post = (name, body, key) => call("POST", name, body, key);
export const submit = (draft, key) => post("submit", { draft }, key);
export const may = (what) => me.may.includes(what);

export async function whoAmI() {
  Object.assign(me, await call("GET", "session"));
  return me;
}
export async function login(user, password) {
  Object.assign(me, await call("POST", "session", { user, password }));
}
export async function logout(everywhere) {
  await call("DELETE", everywhere ? "sessions" : "session");
  Object.assign(me, { user: "", role: "", may: [], csrf: "" });
}

// Every page of the feed, up to a bound that a browser can still hold.
export async function feedAll(members, most = 20000) {
  const entries = [];
  let after = members.after || 0,
    page;
  do {
    page = await get("feed", { ...members, after, limit: 1000 });
    entries.push(...page.entries);
    after = page.cursor;
  } while (page.more && entries.length < most);
  return { entries, silent: page.silent, total: Number(page.total) };
}

// At least so many of the newest entries, in the order in which they came.
export async function feedNewest(count) {
  const { feed_entries: all } = await get("status");
  return (await feedAll({ after: Math.max(0, Number(all) - count) })).entries;
}
