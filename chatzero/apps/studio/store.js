// What this browser keeps between visits: conversations and settings, in localStorage, never sent anywhere by itself.
// Where the browser refuses to keep anything (private windows, a full store), the page works without.

const PREFIX = "chatzero.";
const CHAT = `${PREFIX}chat.`;

export function recall(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Gives whether it was kept. */
export function remember(name, value) {
  try {
    if (value === undefined) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

// A key of its own for each conversation: two windows that write do not undo each other.
export const keep = (conversation) => remember(`chat.${conversation.id}`, { ...conversation, changed: Date.now() });
export const forget = (conversation) => remember(`chat.${conversation.id}`, undefined);

/** Those kept, the last changed first; what is no conversation is left out. */
export function conversations() {
  let names = [];
  try {
    names = Object.keys(localStorage).filter((name) => name.startsWith(CHAT));
  } catch {
    // no store: nothing kept
  }
  return names
    .map((name) => recall(name.slice(PREFIX.length)))
    .filter((found) => found?.id && found.turns?.length && found.turns.every?.((turn) => typeof turn?.content === "string"))
    .sort((a, b) => b.changed - a.changed);
}

/** `act` is called when another window of this browser changed a conversation. */
export function onOtherWindow(act) {
  addEventListener("storage", (event) => {
    if (event.key === null || event.key.startsWith(CHAT)) act();
  });
}

// The key of the server lasts as long as this window: a shared computer does not keep it.
export function apiKey() {
  try {
    return sessionStorage.getItem(`${PREFIX}key`) ?? "";
  } catch {
    return "";
  }
}

export function setApiKey(key) {
  try {
    sessionStorage.setItem(`${PREFIX}key`, key);
  } catch {
    // it has to be typed again next time
  }
}
