// The server's documented endpoints, and nothing else (docs/serving.md, docs/studio.md).

import { apiKey } from "./store.js";
import { say } from "./words.js";

/** What the server answered instead; `status` is 0 when it did not answer. */
export class ApiError extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

async function call(path, body, signal) {
  const headers = apiKey() ? { Authorization: `Bearer ${apiKey()}` } : {};
  const asked = { headers, signal };
  if (body !== undefined) {
    asked.method = "POST";
    asked.body = JSON.stringify(body);
    headers["Content-Type"] = "application/json";
  }
  const response = await fetch(path, asked).catch((error) => {
    throw error.name === "AbortError" ? error : new ApiError(say("unreachable"));
  });
  if (response.ok) return response;
  const document = await response.json().catch(() => null);
  throw new ApiError(document?.error?.message ?? `HTTP ${response.status}`, response.status);
}

export const modelName = async () => (await (await call("/v1/models")).json()).data[0].id;
export const runs = async () => (await (await call("/studio/runs")).json()).runs;
export const curves = async (id) => (await call(`/studio/runs/${encodeURIComponent(id)}`)).json();
export const inside = async (question) => (await call("/studio/look", { question })).text();

/** Yields {text}, {reason} and {usage} as they come. Abort `signal` to stop: the server then stops, too. */
export async function* chat(request, signal) {
  const asked = { ...request, stream: true, stream_options: { include_usage: true } };
  const response = await call("/v1/chat/completions", asked, signal);
  for await (const data of events(response.body)) {
    if (data === "[DONE]") return;
    const { error, choices, usage } = JSON.parse(data);
    if (error) throw new ApiError(error.message);
    const [choice] = choices;
    if (choice?.delta.content) yield { text: choice.delta.content };
    if (choice?.finish_reason) yield { reason: choice.finish_reason };
    if (usage) yield { usage };
  }
  throw new ApiError(say("broke_off"));
}

/** The data of each server-sent event. */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        throw error.name === "AbortError" ? error : new ApiError(say("broke_off"));
      });
      if (done) return;
      const parts = (waiting + value).split("\n\n");
      waiting = parts.pop();
      for (const part of parts) if (part.startsWith("data: ")) yield part.slice("data: ".length);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
