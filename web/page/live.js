// The feed as it comes. One stream a page; it goes on by itself after a cut, from the last entry.

import { get } from "./api.js";

let source = null;

export function stopListening() {
  if (source) source.close();
  source = null;
}

// The place where the feed ends now.
async function end() {
  let after = (await get("status")).feed_entries,
    page;
  do {
    page = await get("feed", { after, limit: 1000 });
    after = page.cursor;
  } while (page.more);
  return after;
}

// changed(entries) a moment after something came: a burst is one change. state(connected) too.
export async function listen(changed, state, after) {
  stopListening();
  const from = after === undefined ? await end() : after;
  stopListening(); // another may have begun meanwhile; a browser has six connections, no more
  const mine = new EventSource(`/api/v1/events?after=${from}`);
  let waiting = [],
    timer = null;
  source = mine;
  mine.addEventListener("open", () => state && state(true));
  mine.addEventListener("error", () => state && state(false));
  mine.addEventListener("entry", (event) => {
    waiting.push(JSON.parse(event.data));
    timer ||= setTimeout(() => {
      const entries = waiting;
      waiting = [];
      timer = null;
      if (source === mine) changed(entries);
    }, 200);
  });
}

export function announce(text) {
  document.getElementById("news").textContent = text;
}
