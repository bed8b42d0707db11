// How one turn of a conversation looks, with its buttons; and the field in which a question is changed.

import { button, fit, make, onEnter } from "./elements.js";
import { showMarkdown } from "./markdown.js";
import { say } from "./words.js";

/** `acts`: `retry` and `look` where the turn may be tried again or looked into, `edit(words)` where it may be changed. */
export function turnElement(turn, acts) {
  const said = make("div", "said");
  if (turn.role === "user") said.textContent = turn.content;
  else showMarkdown(said, turn.content);
  const meta = make("div", "meta", turn.error ? make("p", "error", turn.error) : null);
  const whole = make("article", `turn ${turn.role}`, make("h2", "unseen", say(turn.role)), said, meta);
  if (turn.writing) return whole;
  if (turn.content) meta.append(button(say("copy"), (event) => copy(turn.content, event.currentTarget)));
  if (acts.edit) meta.append(button(say("edit"), () => editor(whole, turn.content, acts.edit)));
  if (acts.retry) meta.append(button(say("retry"), acts.retry, say("retry_note")));
  if (acts.look) meta.append(button(say("inside"), acts.look, say("inside_note")));
  meta.append(note(turn));
  return whole;
}

function note(turn) {
  const parts = [turn.reason && say(turn.reason)];
  if (turn.tokens) {
    const speed = (1000 * turn.tokens) / turn.ms;
    parts.push(`${turn.tokens} ${say("tokens")}`, `${speed.toFixed(speed < 10 ? 1 : 0)} ${say("tokens_per_s")}`);
    parts.push(`${say("first_after")} ${turn.firstMs.toFixed(0)} ms`);
  }
  return make("span", "", parts.filter(Boolean).join(" · "));
}

async function copy(text, pressed) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Browsers have no clipboard on plain http from another machine: the old way
    const field = document.body.appendChild(make("textarea", "unseen"));
    field.value = text;
    field.select();
    document.execCommand("copy");
    field.remove();
    pressed.focus();
  }
  pressed.textContent = say("copied");
  setTimeout(() => (pressed.textContent = say("copy")), 1500);
}

/** In the place of the question; sending it drops what came after, and asks anew. */
function editor(whole, words, send) {
  const field = make("textarea");
  field.value = words;
  field.setAttribute("aria-label", say("edit"));
  const before = [...whole.childNodes];
  const cancel = () => whole.replaceChildren(...before);
  const done = () => field.value.trim() && send(field.value.trim());
  onEnter(field, done);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") cancel();
  });
  whole.replaceChildren(field, make("div", "meta", button(say("send"), done), button(say("cancel"), cancel)));
  fit(field);
  field.focus();
}
