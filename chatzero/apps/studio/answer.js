// One answer: asked of the server, filled as its pieces come; and what to say where none comes.

import { ApiError, chat, models } from "./api.js";
import { $, make } from "./elements.js";
import { recall, remember } from "./store.js";
import { say } from "./words.js";

/** Asks which models the server has, and offers them; the one that was chosen last stays chosen, if it is there. */
export async function findModels() {
  const names = await models();
  $("model").replaceChildren(...names.map((name) => Object.assign(make("option", "", name), { value: name })));
  const before = recall("model");
  $("model").value = names.includes(before) ? before : names[0];
  $("model-box").hidden = false;
}

$("model").addEventListener("change", () => remember("model", $("model").value));

/** Fills `answer` as its pieces come; whatever goes wrong stands in it at the end. */
export async function write(answer, request, signal, show) {
  const startedMs = performance.now();
  let drawn = 0;
  const showSoon = () => (drawn ||= requestAnimationFrame(() => ((drawn = 0), show())));
  try {
    if (!$("model").value) await findModels();
    for await (const piece of chat({ model: $("model").value, ...request }, signal)) {
      if (piece.text) {
        answer.firstMs ??= performance.now() - startedMs;
        answer.content += piece.text;
        showSoon();
      }
      if (piece.reason === "length") answer.reason = "cut";
      if (piece.usage && answer.content) {
        answer.tokens = piece.usage.completion_tokens;
        answer.ms = performance.now() - startedMs;
      }
    }
    if (!answer.content) answer.reason = "nothing";
  } catch (error) {
    if (error.name === "AbortError") answer.reason = "stopped";
    else answer.error = complaint(error);
  }
  cancelAnimationFrame(drawn);
}

/** What to tell the reader; a key that is wanted is asked for where it goes. */
export function complaint(error) {
  if (!(error instanceof ApiError)) return String(error);
  if (error.status === 404) $("model").replaceChildren(); // that model is gone: ask which there are, before the next answer
  if (error.status === 401) $("key-box").open = true;
  return error.status === 401 ? say("key_wanted") : error.message;
}
