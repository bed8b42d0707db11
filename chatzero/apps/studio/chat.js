// The chat: which conversation is open, and what is asked in it. How an answer comes is answer.js, how a turn looks
// turns.js, how text looks markdown.js, where conversations are kept history.js.

import { complaint, findModels, write } from "./answer.js";
import { $, button, download, fit, make, onEnter } from "./elements.js";
import { closeMenu, showFrame } from "./frame.js";
import { connect, conversations as kept, exported, forget, keep, newId, onOtherWindow, versionOf, whole } from "./history.js";
import { nameOf, showConversations } from "./list.js";
import { showMarkdown } from "./markdown.js";
import { makeFields, sampling, systemPrompt } from "./settings.js";
import { apiKey, conversations as keptHere, setApiKey } from "./store.js";
import { turnElement } from "./turns.js";
import { examples, say } from "./words.js";

let conversations = keptHere();
let current = conversations[0] ?? begin();
let choosing = current;
const writing = new Map(); // conversation -> the AbortController of the answer being written in it
const removed = new Set(); // ids: a list that the server made before it removed them is late

function begin() {
  return { id: newId(), turns: [] };
}

// -- what is seen ----------------------------------------------------------------------------------------------------

const showList = () => showConversations(conversations, current, { choose, rename, remove });

function showChat() {
  const busy = writing.has(current);
  $("send").hidden = busy;
  $("stop").hidden = !busy;
  $("chat").setAttribute("aria-busy", String(busy));
  const last = current.turns.length - 1;
  const turns = current.turns.map((turn, place) => {
    const acts = {};
    if (!busy && turn.role === "user") acts.edit = (words) => ask(words, place);
    if (!busy && turn.role === "assistant" && place === last) acts.retry = () => ask(current.turns[place - 1].content, place - 1);
    if (turn.role === "assistant" && turn.content) acts.look = () => look(current.turns[place - 1].content);
    return turnElement(turn, acts);
  });
  $("chat").replaceChildren(...(turns.length ? turns : [welcome()]));
  $("chat").scrollTop = $("chat").scrollHeight;
}

function welcome() {
  const tries = examples().map((example) => button(example, () => ask(example)));
  return make("div", "welcome", make("h2", "", say("welcome")), make("p", "", say("welcome_note")), ...tries);
}

function showAnswer(conversation, answer) {
  if (conversation !== current) return;
  const log = $("chat");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  showMarkdown(log.lastElementChild.querySelector(".said"), answer.content);
  if (atEnd) log.scrollTop = log.scrollHeight;
}

function tell(words, ...more) {
  $("status").replaceChildren(words, ...more);
}

// -- what is done ----------------------------------------------------------------------------------------------------

async function choose(conversation) {
  choosing = conversation;
  let failed = "";
  await whole(conversation).catch((error) => (failed = complaint(error)));
  if (choosing !== conversation || removed.has(conversation.id)) return; // meanwhile another was chosen, or it went
  if (!failed) current = conversation;
  tell(failed);
  closeMenu();
  showList();
  showChat();
  focusWords();
}

/** On a phone the keyboard would cover the page. */
function focusWords() {
  if (matchMedia("(hover: hover)").matches) $("words").focus();
}

async function rename(conversation, title) {
  if (title !== nameOf(conversation)) {
    try {
      (await whole(conversation)).title = title;
      save(conversation);
    } catch (error) {
      tell(complaint(error));
    }
  }
  showList();
}

async function remove(conversation) {
  writing.get(conversation)?.abort();
  try {
    await whole(conversation); // so that it can be brought back
    removed.add(conversation.id);
    conversations = conversations.filter(({ id }) => id !== conversation.id);
    await forget(conversation);
  } catch (error) {
    removed.delete(conversation.id);
    return tell(complaint(error));
  }
  await choose(conversation.id === current.id ? (conversations[0] ?? begin()) : current);
  const undo = () => {
    removed.delete(conversation.id);
    conversations.unshift(conversation);
    save(conversation);
    choose(conversation);
  };
  tell(`${say("removed")} `, button(say("undo"), undo));
}

async function save(conversation) {
  const mark = (conversation.unsaved = {});
  try {
    const alone = await keep(conversation);
    if (conversation.unsaved === mark) delete conversation.unsaved; // else a later save is on its way
    if (alone) return;
    tell(say("both_kept"));
    lookAgain();
  } catch (error) {
    tell(error.message || say("not_kept"));
  }
}

/** The page of what happens inside, for this question; the words travel in the part of the address not sent. */
function look(question) {
  window.open(`/studio/inside#q=${encodeURIComponent(question)}`, "_blank");
}

/** A question whose answer never came stays in sight, and out of the request. */
function messages(turns) {
  const system = systemPrompt();
  const answered = (i) => i === turns.length - 1 || (turns[i + 1].role === "assistant" && turns[i + 1].content);
  const said = turns.filter((turn, i) => turn.content && (turn.role === "assistant" || answered(i)));
  return [...(system ? [{ role: "system", content: system }] : []), ...said.map(({ role, content }) => ({ role, content }))];
}

/** Asks in the open conversation; `place` is where the question goes, and what stands there and after it is dropped. */
async function ask(words, place = current.turns.length) {
  const conversation = current;
  if (writing.has(conversation)) return;
  tell("");
  conversation.turns.splice(place, Infinity, { role: "user", content: words });
  const request = { messages: messages(conversation.turns), ...sampling() };
  save(conversation); // now, so that the question is there also when the window closes before the answer
  const answer = { role: "assistant", content: "", writing: true };
  conversation.turns.push(answer);
  conversations = [conversation, ...conversations.filter(({ id }) => id !== conversation.id)];
  const controller = new AbortController();
  writing.set(conversation, controller);
  showList();
  showChat();
  await write(answer, request, controller.signal, () => showAnswer(conversation, answer));
  writing.delete(conversation);
  delete answer.writing;
  if (!conversations.includes(conversation)) return; // deleted meanwhile
  save(conversation);
  if (conversation === current) showChat();
}

async function exportAll() {
  try {
    download("chatzero-conversations.jsonl", await exported(conversations));
  } catch (error) {
    tell(complaint(error));
  }
}

/** The list anew; what this window has open or is writing stays, unless another has changed it. */
async function lookAgain() {
  const before = new Map(conversations.map((one) => [one.id, one]));
  const same = (one) => {
    const mine = before.get(one.id);
    return mine && (writing.has(mine) || mine.unsaved || (one.version !== undefined && versionOf(mine) === one.version)) ? mine : one;
  };
  try {
    const there = (await kept()).filter(({ id }) => !removed.has(id)).map(same);
    const unsaved = conversations.filter((one) => one.unsaved && !there.some(({ id }) => id === one.id));
    conversations = [...unsaved, ...there];
  } catch {
    return; // the server is away: the next act will say so
  }
  const now = conversations.find(({ id }) => id === current.id);
  if (now && now !== current) choose(now);
  else showList();
}

async function greet() {
  tell(""); // now: what is said while the server thinks, such as how to undo, stays
  try {
    await findModels();
    if (await connect()) {
      await lookAgain();
      if (!current.turns.length && !$("words").value && conversations.length) choose(conversations[0]);
    }
  } catch (error) {
    tell(complaint(error));
  }
}

// -- keys and buttons ------------------------------------------------------------------------------------------------

$("compose").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = $("words").value.trim();
  if (!words || writing.has(current)) return;
  $("words").value = "";
  fit($("words"));
  ask(words);
});
onEnter($("words"), () => $("compose").requestSubmit());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") writing.get(current)?.abort();
});
$("stop").addEventListener("click", () => writing.get(current)?.abort());
$("new").addEventListener("click", () => choose(current.turns.length ? begin() : current));
$("export").addEventListener("click", exportAll);
$("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  $("key").blur();
});
$("key").addEventListener("change", () => {
  setApiKey($("key").value);
  greet();
});
onOtherWindow(lookAgain);

$("key").value = apiKey();
makeFields();
showFrame(() => {
  $("words").placeholder = say("ask");
  showList();
  showChat();
});
focusWords();
greet();
