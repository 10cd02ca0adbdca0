/** The page's way to the sandbox server: JSON requests and event streams that come back by themselves. */

const HIDDEN_FOR = 30_000; // a tab nobody looks at gives its connections back: a browser has only six per server

/** The JSON answer; an Error with a sentence for the reader where there is none or the server refused. */
async function answer(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("No connection to the sandbox");
  }
  const body = await response.text();
  let parsed = null;
  try {
    parsed = JSON.parse(body);
  } catch {
    // not JSON: judged by its status below
  }
  if (!response.ok || parsed === null) {
    const words = parsed && (parsed.error || parsed.description);
    throw new Error(words || `The sandbox answered ${response.status}`);
  }
  return parsed;
}

export const get = (path) => answer(path, { headers: { Accept: "application/json" }, cache: "no-store" });

export const post = (path, body) =>
  answer(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const postForm = (path, form) => answer(path, { method: "POST", body: form });

/**
 * Listen to a text/event-stream until `close()`.
 * `opened` is called at every (re)connection, `event` with each parsed event, `lost` when the line drops.
 */
export function listen(path, { opened, event, lost }) {
  let source = null;
  let retry = 0;
  let waits = 500;
  let closed = false;
  let hidden = 0;

  function connect() {
    clearTimeout(retry);
    source = new EventSource(path);
    source.onopen = () => {
      waits = 500;
      opened();
    };
    source.onmessage = ({ data }) => {
      let parsed;
      try {
        parsed = JSON.parse(data);
      } catch {
        return; // half an event of a dying server
      }
      event(parsed);
    };
    source.onerror = () => {
      lost();
      // The browser retries a dropped line by itself, but slowly, and never after an HTTP error: take over.
      source.close();
      if (closed) return;
      clearTimeout(retry);
      retry = setTimeout(connect, waits);
      waits = Math.min(waits * 2, 5_000);
    };
  }

  function drop() {
    clearTimeout(retry);
    source?.close();
    source = null;
  }

  function visibility() {
    clearTimeout(hidden);
    if (document.hidden) hidden = setTimeout(drop, HIDDEN_FOR);
    else if (source === null) connect();
  }

  function online() {
    drop();
    connect();
  }

  document.addEventListener("visibilitychange", visibility);
  window.addEventListener("online", online);
  connect();
  return {
    close() {
      closed = true;
      clearTimeout(hidden);
      drop();
      document.removeEventListener("visibilitychange", visibility);
      window.removeEventListener("online", online);
    },
  };
}
