// The server's documented endpoints, and nothing else (docs/serving.md, docs/studio.md).

import { apiKey } from "./store.js";
import { language, say } from "./words.js";

/** What the server answered instead; `status` is 0 when it did not answer. */
export class ApiError extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

/** A body of bytes goes as it is, any other as JSON. */
async function call(path, body, signal, method = "POST") {
  const headers = { "Accept-Language": language(), ...(apiKey() ? { Authorization: `Bearer ${apiKey()}` } : {}) };
  const asked = { headers, signal };
  if (body !== undefined) {
    asked.method = method;
    const raw = body instanceof Uint8Array;
    asked.body = raw ? body : JSON.stringify(body);
    headers["Content-Type"] = raw ? "application/octet-stream" : "application/json";
  }
  const response = await fetch(path, asked).catch((error) => {
    throw error.name === "AbortError" ? error : new ApiError(say("unreachable"));
  });
  if (response.ok) return response;
  const document = await response.json().catch(() => null);
  throw new ApiError(document?.error?.message ?? `HTTP ${response.status}`, response.status);
}

export const models = async () => (await (await call("/v1/models")).json()).data.map(({ id }) => id);
export const runs = async () => (await (await call("/studio/runs")).json()).runs;
export const curves = async (id) => (await call(`/studio/runs/${encodeURIComponent(id)}`)).json();
export const runWords = async (id) => (await call(`/studio/runs/${encodeURIComponent(id)}/words`)).json();
export const recipes = async () => (await call("/studio/recipes")).json();
export const startRun = async (wanted) => (await call("/studio/runs", wanted)).json();
export const stopRun = async (id) => (await call(`/studio/runs/${encodeURIComponent(id)}/stop`, {})).json();
export const resumeRun = async (id) => (await call(`/studio/runs/${encodeURIComponent(id)}/resume`, {})).json();
export const environment = async () => (await call("/studio/doctor")).json();
export const measure = async (arch) => (await call("/studio/doctor", { arch })).json();
export const chats = async () => (await call("/studio/chats")).json();
export const exportChats = async () => (await call("/studio/chats.jsonl")).text();
export const loadChat = async (id) => (await call(`/studio/chats/${id}`)).json();
export const saveChat = async (id, chat) => (await call(`/studio/chats/${id}`, chat, undefined, "PUT")).json();
export const removeChat = async (id) => (await call(`/studio/chats/${id}`, {}, undefined, "DELETE")).json();
export const lookAtFile = async (name, bytes, model) => {
  const asked = new URLSearchParams({ name, ...(model ? { model } : {}) });
  return (await call(`/studio/data?${asked}`, bytes)).json();
};
export const inside = async (asked) => (await call("/studio/look", asked)).text();

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
