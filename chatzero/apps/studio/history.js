// Where conversations are kept: on the server's machine, where it keeps them; else in this browser (store.js).
// On the server every conversation has a version: what another window has changed meanwhile is never overwritten.

import { chats, exportChats, loadChat, removeChat, saveChat } from "./api.js";
import * as browser from "./store.js";

let onServer = false;
let asked = Promise.resolve(); // whether the server keeps conversations: what is to be kept waits for the answer
const moved = new Map(); // the versions of those that came from this browser
const others = "BroadcastChannel" in window ? new BroadcastChannel("chatzero.chats") : null;

export const newId = () => `${Date.now()}-${Math.random().toString(36).slice(2, 8)}`;

/** Those kept, the last changed first; on the server without their turns, until `whole`. */
export async function conversations() {
  return onServer ? (await chats()).chats : browser.conversations();
}

/** Asks the server whether it keeps conversations; what this browser has kept moves there once. Gives whether it does. */
export function connect() {
  const answer = move();
  asked = answer.catch(() => {});
  return answer;
}

async function move() {
  if (onServer) return true;
  if (!(await chats()).kept) return false;
  for (const one of browser.conversations().reverse()) {
    await saveChat(one.id, asSent(one)).then(
      ({ version }) => moved.set(one.id, version),
      (error) => {
        if (error.status !== 409) throw error; // 409: another window has moved it
      },
    );
    browser.forget(one);
  }
  return (onServer = true);
}

/** The one that the server gave it last; none for what only this browser keeps. */
export const versionOf = (conversation) => conversation.version ?? moved.get(conversation.id);

/** With its turns. */
export async function whole(conversation) {
  if (conversation.turns) return conversation;
  const { entry, turns } = await loadChat(conversation.id);
  Object.assign(conversation, entry); // it may have changed since it was listed
  conversation.turns = turns.map(({ role, content, first_ms: firstMs, ...more }) => ({ role, content, firstMs, ...given(more) }));
  return conversation;
}

/** Keeps it as it is now; gives false where somebody else had changed it: then it is kept beside theirs. */
export function keep(conversation) {
  const { unsaved, saved, ...kept } = { ...conversation, turns: [...conversation.turns] };
  const sent = asSent(conversation);
  const save = async () => {
    await asked;
    if (!onServer) {
      if (!browser.keep(kept)) throw new Error();
      return true;
    }
    let alone = true;
    const put = async () => {
      const version = versionOf(conversation) ?? 0;
      conversation.version = (await saveChat(conversation.id, { ...sent, version })).version;
    };
    await put().catch((error) => {
      if (error.status !== 409) throw error;
      alone = false;
      Object.assign(conversation, { id: newId(), version: 0 });
      return put();
    });
    others?.postMessage("changed");
    return alone;
  };
  // One after the other: the second of two saves must know the version of the first
  return (conversation.saved = (conversation.saved ?? Promise.resolve()).then(save, save));
}

export async function forget(conversation) {
  if (!onServer) return browser.forget(conversation);
  await conversation.saved?.catch(() => {});
  await removeChat(conversation.id).catch((error) => {
    if (error.status !== 404) throw error;
  });
  conversation.version = 0;
  others?.postMessage("changed");
}

/** Every conversation as a line of training data, as `chatzero data check` and `chatzero train` read it. */
export async function exported(conversations) {
  if (onServer) return exportChats();
  const lines = conversations.map(({ turns }) => JSON.stringify({ messages: turns.map(({ role, content }) => ({ role, content })) }));
  return lines.map((line) => `${line}\n`).join("");
}

/** `act` is called when another window may have changed a conversation. */
export function onOtherWindow(act) {
  browser.onOtherWindow(act);
  others?.addEventListener("message", act);
  document.addEventListener("visibilitychange", () => onServer && !document.hidden && act());
}

/** What of a conversation goes to the server. */
function asSent({ title = "", turns }) {
  const sent = ({ role, content, reason, error, tokens, ms, firstMs }) => ({ role, content, ...given({ reason, error, tokens, ms, first_ms: firstMs }) });
  return { title, turns: turns.filter((turn) => !turn.writing).map(sent) };
}

const given = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
