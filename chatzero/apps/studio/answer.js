// One answer: asked of the server, filled as its pieces come; and what to say where none comes.

import { ApiError, chat, modelName } from "./api.js";
import { $ } from "./elements.js";
import { say } from "./words.js";

let model = "";

/** The name of the model that is served, asked anew. */
export async function findModel() {
  return (model = await modelName());
}

/** Fills `answer` as its pieces come; whatever goes wrong stands in it at the end. */
export async function write(answer, request, signal, show) {
  const startedMs = performance.now();
  let drawn = 0;
  const showSoon = () => (drawn ||= requestAnimationFrame(() => ((drawn = 0), show())));
  try {
    model ||= await findModel();
    for await (const piece of chat({ model, ...request }, signal)) {
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
  if (error.status === 404) model = ""; // the server was started anew, with another model
  if (error.status === 401) $("key-box").open = true;
  return error.status === 401 ? say("key_wanted") : error.message;
}
