// The feed as it comes. One stream a page; it goes on by itself after a cut, from the last entry.

import { Problem, get, may } from "./api.js";
import { go } from "./dom.js";

const BURST_MS = 200;
const AGAIN_MS = 5000;

let source = null;

export function stopListening() {
  if (source) source.close();
  source = null;
}

// The place where the feed ends now: asked before a page reads what it shows, so that nothing
// falls between the two.
export async function feedEnd() {
  if (!may("watch")) return undefined;
  let after = (await get("status")).feed_entries,
    page;
  do {
    page = await get("feed", { after, limit: 1000 });
    after = page.cursor;
  } while (page.more);
  return after;
}

// changed(entries) a moment after something came: a burst is one change, and two are never at work
// at once. connected(yes or no) too. Only the page that is shown listens.
export function listen(after, { changed, connected }) {
  stopListening();
  if (after === undefined) return;
  const mine = new EventSource(`/api/v1/events?after=${after}`);
  let waiting = [],
    timer = null;
  source = mine;

  async function tell() {
    const entries = waiting;
    waiting = [];
    try {
      if (source === mine) await changed(entries);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.status === 401) go();
      waiting.unshift(...entries); // what was not shown is owed
      if (connected) connected(false);
      timer = setTimeout(tell, AGAIN_MS);
      return;
    }
    timer = waiting.length ? setTimeout(tell, BURST_MS) : null;
  }

  mine.addEventListener("open", () => connected && connected(true));
  mine.addEventListener("error", () => connected && connected(false));
  mine.addEventListener("entry", (event) => {
    waiting.push(JSON.parse(event.data));
    timer ||= setTimeout(tell, BURST_MS);
  });
}

export function announce(text) {
  document.getElementById("news").textContent = text;
}
