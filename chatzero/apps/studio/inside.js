// The look page for a question, of the model that is served. The question stands in the part of the address that is not
// sent by itself; the numbers come from POST /studio/look, and the page that `chatzero look` writes draws them.

import { inside } from "./api.js";
import { $ } from "./elements.js";
import { recall } from "./store.js";
import { examples, language, say } from "./words.js";

const ASKED = "#q=";
const root = document.documentElement;
const theme = recall("theme", "system");
const model = recall("model"); // as chosen in the chat; none: the server's own
root.lang = language();
if (theme !== "system") root.dataset.theme = theme;
$("back").textContent = `← ${say("chat")}`;
$("look").textContent = say("inside");
$("question").setAttribute("aria-label", say("ask"));
$("question").placeholder = say("ask");

// The drawing begins from nothing each time: a new question is a new page.
$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const question = $("question").value.trim();
  if (!question) return;
  if (asked() === question) location.reload();
  else location.hash = ASKED + encodeURIComponent(question);
});
addEventListener("hashchange", () => {
  if (asked()) location.reload();
});

/** The question in the address; none in the page's own links (#s0, #s1, ...). */
function asked() {
  try {
    return location.hash.startsWith(ASKED) ? decodeURIComponent(location.hash.slice(ASKED.length)) : "";
  } catch {
    return ""; // not written by us
  }
}

function load(name) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    Object.assign(script, { src: `/studio/look/${name}`, onload: done, onerror: failed });
    document.head.append(script);
  });
}

async function show(question) {
  $("question").value = question;
  $("status").textContent = say("looking");
  try {
    $("data").textContent = await inside({ question, ...(model ? { model } : {}) });
    await load("words.js");
    await load("look.js");
    $("status").textContent = "";
  } catch (error) {
    $("status").textContent = error.status === 401 ? say("key_wanted_there") : error.message;
    $("status").className = "error";
  }
}

if (asked()) show(asked());
else $("question").value = examples()[1];
