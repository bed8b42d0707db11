// The chat: which conversation is open, and what is asked in it. How an answer comes is answer.js, how a turn looks
// turns.js, how text looks markdown.js, what the browser keeps store.js.

import { complaint, findModel, write } from "./answer.js";
import { $, button, fit, make, onEnter } from "./elements.js";
import { closeMenu, showFrame } from "./frame.js";
import { showMarkdown } from "./markdown.js";
import { makeFields, sampling, systemPrompt } from "./settings.js";
import { apiKey, conversations as kept, forget, keep, onOtherWindow, setApiKey } from "./store.js";
import { turnElement } from "./turns.js";
import { examples, say } from "./words.js";

let conversations = kept();
let current = conversations[0] ?? begin();
const writing = new Map(); // conversation id -> the AbortController of the answer being written in it

function begin() {
  return { id: `${Date.now()}-${Math.random().toString(36).slice(2, 8)}`, turns: [] };
}

// -- what is seen ----------------------------------------------------------------------------------------------------

function showList() {
  const items = conversations.map((one) => {
    const open = button(one.turns[0].content.slice(0, 60), () => choose(one));
    open.className = "open";
    if (one.id === current.id) open.setAttribute("aria-current", "true");
    return make("li", "", open, button("×", () => remove(one), say("remove")));
  });
  $("conversations").replaceChildren(...items);
}

function showChat() {
  const busy = writing.has(current.id);
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
  if (conversation.id !== current.id) return;
  const log = $("chat");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  showMarkdown(log.lastElementChild.querySelector(".said"), answer.content);
  if (atEnd) log.scrollTop = log.scrollHeight;
}

function tell(words, ...more) {
  $("status").replaceChildren(words, ...more);
}

// -- what is done ----------------------------------------------------------------------------------------------------

function choose(conversation) {
  current = conversation;
  closeMenu();
  tell("");
  showList();
  showChat();
  focusWords();
}

/** On a phone the keyboard would cover the page. */
function focusWords() {
  if (matchMedia("(hover: hover)").matches) $("words").focus();
}

function remove(conversation) {
  writing.get(conversation.id)?.abort();
  conversations = conversations.filter((one) => one !== conversation);
  forget(conversation);
  choose(conversation.id === current.id ? (conversations[0] ?? begin()) : current);
  const undo = () => {
    conversations.unshift(conversation);
    save(conversation);
    choose(conversation);
  };
  tell(`${say("removed")} `, button(say("undo"), undo));
}

function save(conversation) {
  if (!keep(conversation)) tell(say("not_kept"));
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
  if (writing.has(conversation.id)) return;
  tell("");
  conversation.turns.splice(place, Infinity, { role: "user", content: words });
  const request = { messages: messages(conversation.turns), ...sampling() };
  save(conversation); // now, so that the question is there also when the window closes before the answer
  const answer = { role: "assistant", content: "", writing: true };
  conversation.turns.push(answer);
  conversations = [conversation, ...conversations.filter((one) => one.id !== conversation.id)];
  const controller = new AbortController();
  writing.set(conversation.id, controller);
  showList();
  showChat();
  await write(answer, request, controller.signal, () => showAnswer(conversation, answer));
  writing.delete(conversation.id);
  delete answer.writing;
  if (!conversations.includes(conversation)) return; // deleted meanwhile
  save(conversation);
  if (conversation.id === current.id) showChat();
}

/** Every conversation as a line of training data, as `chatzero data check` and `chatzero train` read it. */
function exportAll() {
  const lines = conversations.map(({ turns }) => JSON.stringify({ messages: turns.map(({ role, content }) => ({ role, content })) }));
  const link = make("a");
  link.href = URL.createObjectURL(new Blob(lines.map((line) => `${line}\n`), { type: "application/jsonl" }));
  link.download = "chatzero-conversations.jsonl";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function greet() {
  try {
    $("model").textContent = await findModel();
    tell("");
  } catch (error) {
    tell(complaint(error));
  }
}

// -- keys and buttons ------------------------------------------------------------------------------------------------

$("compose").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = $("words").value.trim();
  if (!words || writing.has(current.id)) return;
  $("words").value = "";
  fit($("words"));
  ask(words);
});
onEnter($("words"), () => $("compose").requestSubmit());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") writing.get(current.id)?.abort();
});
$("stop").addEventListener("click", () => writing.get(current.id)?.abort());
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
onOtherWindow(() => {
  conversations = kept().map((one) => (writing.has(one.id) ? conversations.find(({ id }) => id === one.id) : one));
  const same = conversations.find(({ id }) => id === current.id);
  if (same && same !== current) choose(same);
  else showList();
});

$("key").value = apiKey();
makeFields();
showFrame(() => {
  $("words").placeholder = say("ask");
  showList();
  showChat();
});
focusWords();
greet();
