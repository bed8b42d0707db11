"""`chatzero chat`: talk to a model in the terminal, or ask it one question.

Three ways: `-p TEXT` answers once; a terminal gets a conversation; piped lines get a line each. What is said is
decided in `chatzero.chat`; here is only how it looks and what the keys do.
"""

import json
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatzero.apps.cli.engine_option import EngineOption, PrecisionOption, speaker
from chatzero.errors import ChatZeroError, ConfigError
from chatzero.generation.options import GenerationOptions
from chatzero.interop.engine_names import device_for, require_engine
from chatzero.language import tr

if TYPE_CHECKING:
    from chatzero.chat.session import Session
    from chatzero.checkpoint.bundle import Bundle

RUNS = Path("runs")
_DEFAULT = GenerationOptions()


def chat(
    model: Annotated[
        Path | None,
        typer.Argument(
            metavar="MODEL",
            help=tr(
                "A model folder or a run folder (default: the newest in ./runs).",
                "模型文件夹或运行文件夹（默认：./runs 中最新的）。",
            ),
        ),
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option(
            "-p", "--prompt", metavar="TEXT", help=tr("Answer this once, and leave.", "只回答这一句，然后退出。")
        ),
    ] = None,
    system: Annotated[
        str, typer.Option(metavar="TEXT", help=tr("Words that set the scene.", "设定场景的 system 消息。"))
    ] = "",
    temperature: Annotated[
        float,
        typer.Option(
            metavar="T",
            help=tr(
                "0 always takes the likeliest word; 1 samples as trained.", "0 总取最可能的词；1 按训练所得的概率采样。"
            ),
        ),
    ] = _DEFAULT.temperature,
    max_tokens: Annotated[
        int, typer.Option(metavar="N", help=tr("The longest answer.", "回答的最大长度（词元）。"))
    ] = _DEFAULT.max_tokens,
    top_k: Annotated[
        int,
        typer.Option(
            metavar="K", help=tr("Sample from the k likeliest; 0 = all.", "只在最可能的 k 个词元中采样；0 = 不限。")
        ),
    ] = _DEFAULT.top_k,
    top_p: Annotated[
        float,
        typer.Option(
            metavar="P",
            help=tr("Sample from the likeliest with this much probability.", "只在累计概率达到此值的词元中采样。"),
        ),
    ] = float(_DEFAULT.top_p),
    beam: Annotated[
        int,
        typer.Option(
            metavar="N", help=tr("Beam search with this many hypotheses; 1 = off.", "束搜索的假设数；1 = 关闭。")
        ),
    ] = _DEFAULT.beam_size,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help=tr("The same seed, the same answers.", "种子相同，回答相同。"))
    ] = None,
    device: Annotated[
        str, typer.Option(metavar="NAME", help=tr("auto, cpu, cuda or mps.", "auto、cpu、cuda 或 mps。"))
    ] = "auto",
    engine: EngineOption = "torch",
    precision: PrecisionOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help=tr("With -p: print one JSON document.", "与 -p 合用：输出一个 JSON 文档。"))
    ] = False,
) -> None:
    """Talk to a model: in the terminal, for one question, or line by line from a pipe.

    Example: chatzero chat runs/quickstart-gpt -p "Who are you?"
    """
    options = GenerationOptions(
        temperature=temperature, max_tokens=max_tokens, top_k=top_k, top_p=top_p, beam_size=beam, seed=seed
    )
    if as_json and prompt is None:
        raise ConfigError(
            what=tr("--json without -p", "用了 --json 而没有 -p"),
            why=tr("one JSON document answers one question", "一个 JSON 文档回答一个问题"),
            do=tr("add -p TEXT", "请加上 -p TEXT"),
        )
    require_engine(engine, device)
    from chatzero.chat.session import Session
    from chatzero.checkpoint.bundle import latest_model, load_bundle
    from chatzero.device import choose_device

    bundle = load_bundle(model or latest_model(RUNS), choose_device(device_for(engine, device)).device)
    session = Session(speaker(bundle, engine, precision), bundle.tokenizer, options, system)
    if prompt is not None:
        _answer_once(session, prompt, as_json)
    elif sys.stdin.isatty():
        _converse(session, bundle)
    elif not _answer_lines(session):
        raise typer.Exit(1)


# -- one question -----------------------------------------------------------------------------------------------------


def _answer_once(session: "Session", prompt: str, as_json: bool) -> None:
    started = time.perf_counter()
    pieces = list(session.say(prompt))
    answer = "".join(piece.text for piece in pieces)
    if not as_json:
        print(answer)
        return
    document = {
        "answer": answer,
        "finish_reason": pieces[-1].finish_reason,
        "tokens": pieces[-1].num_tokens,
        "seconds": round(time.perf_counter() - started, 3),
    }
    print(json.dumps(document, ensure_ascii=False))


# -- a pipe -----------------------------------------------------------------------------------------------------------


def _answer_lines(session: "Session") -> bool:
    """A line in, an answer out; what is not an answer goes to stderr. Gives whether every line could be answered."""
    all_well = True
    for line in sys.stdin:
        words = line.strip()
        try:
            if words.startswith("/"):
                message = run_command(session, words)
                if message is None:
                    return all_well
                print(message, file=sys.stderr)
            elif words:
                print("".join(piece.text for piece in session.say(words)), flush=True)
        except ChatZeroError as error:
            print(error, file=sys.stderr)
            all_well = False
    return all_well


# -- a terminal -------------------------------------------------------------------------------------------------------


def _converse(session: "Session", bundle: "Bundle") -> None:
    """Question and answer until the person leaves. Ctrl-C ends an answer, not the program."""
    _line_editing()
    print(_banner(bundle))
    while True:
        print()
        try:
            words = input(tr("You: ", "你：")).strip()
        except EOFError:
            print()
            return
        except KeyboardInterrupt:
            print("\n" + _faint(tr("(/exit or Ctrl-D leaves)", "（/exit 或 Ctrl-D 退出）")))
            continue
        if not words:
            continue
        try:
            if words.startswith("/"):
                message = run_command(session, words)
                if message is None:
                    return
                print(message)
            else:
                _show_answer(session, words)
        except ChatZeroError as error:
            print(error)


def _show_answer(session: "Session", words: str) -> None:
    note = ""
    try:
        with closing(session.say(words)) as pieces:
            print(_bold("ChatZero: "), end="", flush=True)
            for piece in pieces:
                print(visible(piece.text), end="", flush=True)
                if piece.finish_reason == "length":
                    note = tr("(cut off: no room left)", "（已截断：长度用完）")
    except KeyboardInterrupt:
        note = tr("(stopped)", "（已停止）")
    print(f" {_faint(note)}" if note else "")


def _banner(bundle: "Bundle") -> str:
    config = bundle.model.config
    millions = sum(parameter.numel() for parameter in bundle.model.parameters()) / 1e6
    kind = {"gpt": "GPT", "transformer": "Transformer"}[config.arch]
    facts = tr(
        f"{kind}, {millions:.1f} M parameters, window {config.max_seq_len} tokens",
        f"{kind}，{millions:.1f} M 参数，窗口 {config.max_seq_len} 个词元",
    )
    keys = tr(
        "/help lists the commands. Ctrl-C stops an answer, Ctrl-D leaves.",
        "/help 列出命令。Ctrl-C 停止回答，Ctrl-D 退出。",
    )
    return f"{_bold('ChatZero')}  {bundle.folder}\n{_faint(facts)}\n{_faint(keys)}"


def _line_editing() -> None:
    """Arrow keys, history, and backspace over a whole 汉字, where Python has them."""
    try:
        import readline  # noqa: F401 - importing it is what gives `input` these powers
    except ImportError:  # Windows, whose console has them of its own
        return


def visible(text: str) -> str:
    """`text` without the power to steer the terminal: control characters are shown as pictures (U+2400 on)."""
    return "".join(
        c if c in "\n\t" or not (ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0) else chr(0x2400 + min(ord(c), 0x21))
        for c in text
    )


def _bold(text: str) -> str:
    return typer.style(text, bold=True) if sys.stdout.isatty() else text


def _faint(text: str) -> str:
    return typer.style(text, dim=True) if sys.stdout.isatty() else text


# -- commands ---------------------------------------------------------------------------------------------------------


def run_command(session: "Session", line: str) -> str | None:
    """Does what a line that begins with `/` asks for; gives what to tell the person, None to leave.

    Raises `ConfigError` for a command that does not exist, `StorageError` when a file cannot be saved.
    """
    name, _, rest = line.partition(" ")
    rest = rest.strip()
    match name:
        case "/exit" | "/quit":
            return None
        case "/help":
            return _help()
        case "/reset":
            session.reset()
            return tr("Forgotten. A new conversation.", "已忘记。新的对话。")
        case "/system":
            session.system = rest
            return tr("The scene is set.", "场景已设定。") if rest else tr("No scene.", "场景已清除。")
        case "/save" if rest:
            session.save(Path(rest).expanduser())
            return tr(f"Saved to {rest}", f"已保存到 {rest}")
    raise ConfigError(
        what=tr(f"{line!r} is not a command", f"{line!r} 不是命令"),
        why=tr("a line that begins with / is a command", "以 / 开头的一行是命令"),
        do=tr("/help lists the commands", "/help 列出所有命令"),
    )


def _help() -> str:
    return "\n".join(
        (
            tr("/reset         forget what was said", "/reset         忘记说过的话"),
            tr("/system WORDS  set the scene; without words, clear it", "/system 文字   设定场景；不带文字则清除"),
            tr(
                "/save FILE     write the conversation, as a line of training data",
                "/save 文件     保存对话，格式同训练数据",
            ),
            tr("/help          this list", "/help          本列表"),
            tr("/exit          leave", "/exit          退出"),
        )
    )
