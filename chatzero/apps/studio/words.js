// Everything the studio says, in both languages side by side.

import { recall, remember } from "./store.js";

const WORDS = {
  chat: ["Chat", "聊天"],
  training: ["Training", "训练"],
  inside: ["Look inside", "看内部"],
  inside_note: ["What happens inside when the model answers this question alone", "模型单独回答这句话时，内部发生了什么"],
  new_chat: ["+ New chat", "+ 新对话"],
  settings: ["Settings", "设置"],
  system: ["System prompt", "系统提示"],
  temperature: ["Temperature", "温度"],
  top_p: ["Top-p", "Top-p"],
  top_k: ["Top-k", "Top-k"],
  min_p: ["Min-p", "Min-p"],
  repetition_penalty: ["Repetition penalty", "重复惩罚"],
  max_tokens: ["Longest answer, tokens", "最长回答（词元）"],
  seed: ["Seed", "随机种子"],
  settings_note: [
    "Grey: what holds where a field is empty. Temperature 0 always takes the likeliest token; without a seed every answer above 0 is drawn anew.",
    "灰色是留空时的取值。温度 0 总取最可能的词元；温度大于 0 且不设种子时，每次回答都重新采样。",
  ],
  reset: ["As at first", "恢复默认"],
  key: ["API key", "API key"],
  key_note: [
    "Only where the server was started with one. Forgotten when this window closes.",
    "仅当服务器启动时设了密钥才需要。关闭此窗口后即忘记。",
  ],
  key_wanted: ["This server wants its API key: type it under “API key”.", "这个服务器需要 API key：请在“API key”处输入。"],
  send: ["Send", "发送"],
  stop: ["Stop", "停止"],
  cancel: ["Cancel", "取消"],
  ask: ["Ask something…", "问点什么…"],
  user: ["You", "你"],
  assistant: ["The model", "模型"],
  conversations: ["Conversations", "对话列表"],
  menu: ["Menu", "菜单"],
  remove: ["Delete this conversation", "删除这段对话"],
  removed: ["Deleted.", "已删除。"],
  undo: ["Undo", "撤销"],
  export: ["Export", "导出"],
  export_note: ["Save all conversations as training data (jsonl)", "把所有对话保存为训练数据（jsonl）"],
  not_kept: ["This browser cannot keep the conversation: no room, or not allowed.", "浏览器无法保存这段对话：空间不足或不允许。"],
  copy: ["Copy", "复制"],
  copied: ["Copied", "已复制"],
  edit: ["Edit", "编辑"],
  retry: ["Retry", "重试"],
  retry_note: ["Ask again. At temperature 0 the answer will be the same.", "再问一次。温度为 0 时回答不变。"],
  welcome: ["Talk to your own model", "和你自己的模型聊天"],
  welcome_note: ["What you type goes to this server and nowhere else.", "你输入的内容只发给这台服务器，不会去别处。"],
  stopped: ["stopped", "已停止"],
  cut: ["cut off: no room left", "已截断：长度用完"],
  nothing: ["the model said nothing", "模型没有说话"],
  tokens: ["tokens", "词元"],
  tokens_per_s: ["tokens/s", "词元/秒"],
  first_after: ["first after", "首个用时"],
  unreachable: ["The server cannot be reached. Is it still running?", "连不上服务器，它还在运行吗？"],
  broke_off: ["The answer broke off: the server stopped, or the connection was lost.", "回答中断：服务器停止或连接断开。"],
  key_wanted_there: ["This server wants its API key: type it on the chat page, in this window.", "这个服务器需要 API key：请先在本窗口的聊天页输入。"],
  looking: ["Looking …", "正在查看……"],
  runs: ["Runs", "训练列表"],
  no_runs: ["No runs yet. Begin with: chatzero quickstart", "还没有训练。可以从 chatzero quickstart 开始。"],
  state: ["State", "状态"],
  state_running: ["training", "训练中"],
  state_interrupted: ["interrupted", "已中断"],
  state_finished: ["finished", "已完成"],
  state_damaged: ["damaged", "已损坏"],
  stage: ["Stage", "阶段"],
  step: ["Step", "步数"],
  training_loss: ["Training loss", "训练损失"],
  held_out_loss: ["Held-out loss", "留出集损失"],
  elapsed: ["Trained for", "已训练"],
  remaining: ["Remaining", "还需"],
  quiet: ["No news for", "无消息已"],
  compare: ["Compare with", "对比"],
  nothing_else: ["nothing", "不对比"],
  loss_curve: ["Loss, nats per token", "损失（纳特/词元）"],
  speed_curve: ["Speed, trained tokens per second", "速度（每秒训练的词元）"],
  language: ["中文", "English"],
  switch_language: ["切换到中文", "Switch to English"],
  switch_theme: ["Light or dark", "浅色或深色"],
  theme_system: ["◐ auto", "◐ 自动"],
  theme_light: ["☀ light", "☀ 浅色"],
  theme_dark: ["☾ dark", "☾ 深色"],
};
const EXAMPLES = [
  ["Who are you?", "What is 12 + 30?", "How do you say 猫 in English?"],
  ["你是谁？", "12加30等于多少？", "“apple”用中文怎么说？"],
];

let column = String(recall("language", navigator.language)).startsWith("zh") ? 1 : 0;

export const say = (name) => WORDS[name][column];
export const examples = () => EXAMPLES[column];
export const language = () => (column ? "zh" : "en");

export function switchLanguage() {
  column = 1 - column;
  remember("language", language());
}
