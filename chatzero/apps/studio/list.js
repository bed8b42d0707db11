// The list of conversations at the side: open, rename, remove.

import { $, button, make } from "./elements.js";
import { say } from "./words.js";

export const nameOf = ({ title, turns, opening }) => title || (turns?.[0].content ?? opening).slice(0, 60);

/** `acts`: `choose(one)`, `rename(one, title)` and `remove(one)`. While a name is being typed the list stays as it is. */
export function showConversations(conversations, current, acts) {
  if ($("conversations").querySelector("input")) return;
  const items = conversations.map((one) => {
    const open = button(nameOf(one), () => acts.choose(one));
    open.className = "open";
    if (one.id === current.id) open.setAttribute("aria-current", "true");
    const line = make("li", "", open, button("✎", () => rename(one, line, acts.rename), say("rename")), button("×", () => acts.remove(one), say("remove")));
    return line;
  });
  $("conversations").replaceChildren(...items);
}

/** In the place of its line. Enter and leaving the field keep the name, Escape does not. */
function rename(one, line, done) {
  const field = Object.assign(make("input"), { value: nameOf(one), maxLength: 200 });
  field.setAttribute("aria-label", say("rename"));
  const end = (title) => {
    field.onblur = null;
    field.remove();
    done(one, title);
  };
  field.onblur = () => end(field.value.trim());
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") end(field.value.trim());
    if (event.key === "Escape") end(nameOf(one));
  });
  line.replaceChildren(field);
  field.select();
}
