// Asking the server. A problem (RFC 9457) is thrown as Problem; `unknown` is whether this agent
// does not know the request yet.

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || "the server could not be reached");
    this.status = status;
    this.rule = body.rule || "unreachable";
    this.field = body.field || "";
  }
  get unknown() {
    return this.status === 422 && this.rule === "request";
  }
}

export const me = { user: "", role: "", may: [], csrf: "", by_proxy: false };

async function call(method, path, body, key) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-Kith-CSRF"] = me.csrf;
  if (key) headers["Idempotency-Key"] = key;
  let answer;
  try {
    answer = await fetch(`/api/v1/${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Problem(0, {});
  }
  const text = await answer.text();
  const value = text ? JSON.parse(text) : {};
  if (!answer.ok) throw new Problem(answer.status, value);
  return value;
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

// undefined when this agent does not know the request, or the role may not ask it.
export async function maybe(name, members) {
  if (!may(name)) return undefined;
  try {
    return await get(name, members);
  } catch (problem) {
    if (problem instanceof Problem && (problem.unknown || problem.status === 404)) return undefined;
    throw problem;
  }
}

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

// Every page of the feed, up to a bound that a person can still read.
export async function feedAll(members, most = 2000) {
  const entries = [];
  let after = 0,
    page;
  do {
    page = await get("feed", { ...members, after, limit: 500 });
    entries.push(...page.entries);
    after = page.cursor;
  } while (page.more && entries.length < most);
  return { entries, cursor: after, silent: page.silent, total: page.total };
}
