"""The contract of a skill, kept by every skill about language, memory and sense; then what each one must know."""

import json
import re
import string
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from random import Random

import pytest

from chatzero.curriculum.checkers import verdict
from chatzero.curriculum.kinds import KINDS
from chatzero.curriculum.mentions import folded
from chatzero.curriculum.names import is_held_out
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, unseen
from chatzero.text.matching import accepts, normalise
from tests.curriculum.drawn import DRAWS, draw, items_of, module_of, skill_of

_NAMES = (
    "remember_name remember_fact vocab_zh_en vocab_en_zh translate_zh_en translate_en_zh antonyms categories "
    "odd_one_out cause_effect yes_no told_yes_no follow_format repeat_after unknown who_does_what properties "
    "word_forms sentence_completion emotions directions examples"
)
# Split by (fact, phrasing): two phrasings that differ only in their marks would be one question on both sides.
_SPLIT_BY_PHRASING = (
    "vocab_zh_en vocab_en_zh antonyms categories cause_effect properties word_forms sentence_completion emotions "
    "directions examples unknown"
)
LANGS: tuple[Lang, ...] = ("en", "zh")
CELLS = [(name, lang) for name in _NAMES.split() for lang in LANGS]

every_cell = pytest.mark.parametrize(("name", "lang"), CELLS)
both_languages = pytest.mark.parametrize("lang", LANGS)


def _prompt(item: Item) -> str:
    return "\n".join(message.content for message in item.prompt)


def _phrasings(name: str) -> list[Phrasings]:
    """Every set of phrasings in the module, also those inside tables."""

    def within(value: object) -> Iterator[Phrasings]:
        if isinstance(value, Phrasings):
            yield value
        elif isinstance(value, dict):
            for entry in value.values():
                yield from within(entry)
        elif isinstance(value, (tuple, list)):
            for entry in value:
                yield from within(entry)

    found = [phrasings for value in vars(module_of(name)).values() for phrasings in within(value)]
    if name == "remember_fact":
        found += [ask for fact in module_of(name).FACTS for ask in (fact.tell, fact.ask)]
    if name == "unknown":
        found += [topic.ask for topic in module_of(name)._TOPICS]
    return list(dict.fromkeys(found))


@every_cell
def test_the_true_answer_is_accepted(name: str, lang: Lang) -> None:
    for item in items_of(name, lang):
        assert (item.skill, item.lang) == (name, lang)
        assert item.conversation.answered
        assert skill_of(name).check(item.answer, item), item
        assert accepts(item.answer, item.accept), item


@every_cell
def test_the_answer_to_another_question_is_refused(name: str, lang: Lang) -> None:
    others = items_of("properties", lang) if name == "unknown" else items_of(name, lang)[1:]
    tried = 0
    for item, other in zip(items_of(name, lang), others, strict=False):
        alike = bool(set(map(folded, item.accept)) & set(map(folded, other.accept)))
        if name in ("yes_no", "told_yes_no"):
            alike = verdict(item.answer) == verdict(other.answer)
        if name == "directions":  # a turn to the south, and a bank that is south of the zoo
            alike = alike or item.key.split()[0] != other.key.split()[0]
        if not alike:
            assert not skill_of(name).check(other.answer, item), (item, other.answer)
            tried += 1
    assert tried >= 60


@every_cell
def test_silence_and_talk_beside_the_point_are_refused(name: str, lang: Lang) -> None:
    for item in items_of(name, lang)[:100]:
        for nothing in ("", "...", "I am fine, thank you!", "你好！今天天气不错。"):
            assert not skill_of(name).check(nothing, item), (item, nothing)


@every_cell
def test_no_key_and_no_question_is_on_both_sides(name: str, lang: Lang) -> None:
    items = items_of(name, lang) + draw(name, lang, 8, 3 * DRAWS)
    held_out = [item for item in items if item.held_out]
    training = [item for item in items if not item.held_out]
    assert not {item.key for item in held_out} & {item.key for item in training}
    assert not {normalise(_prompt(item)) for item in held_out} & {normalise(_prompt(item)) for item in training}


@every_cell
def test_about_a_tenth_is_held_out(name: str, lang: Lang) -> None:
    items = items_of(name, lang, 2 * DRAWS)
    assert 0.05 < sum(item.held_out for item in items) / len(items) < 0.15


@every_cell
def test_the_draw_is_a_function_of_the_seed(name: str, lang: Lang) -> None:
    assert draw(name, lang, 3, 40) == draw(name, lang, 3, 40)
    assert draw(name, lang, 3, 40) != draw(name, lang, 4, 40)


@every_cell
def test_texts_fit_and_are_whole(name: str, lang: Lang) -> None:
    for item in items_of(name, lang):
        assert len(_prompt(item)) <= 260, item
        assert len(item.answer) <= 70, item
        spoken = " ".join(message.content for message in item.conversation.messages)
        if name != "follow_format":
            assert not re.search(r"[{}|\[\]]|  ", spoken), spoken


@every_cell
def test_questions_vary(name: str, lang: Lang) -> None:
    assert len({_prompt(item) for item in items_of(name, lang)}) > DRAWS / 2
    assert sum(len(phrasings.names(lang)) for phrasings in _phrasings(name)) >= 10


@every_cell
def test_an_english_question_about_english_has_no_chinese_in_it(name: str, lang: Lang) -> None:
    about_both = name.startswith(("vocab", "translate"))
    chinese = [bool(re.search(r"[一-鿿]", _prompt(item) + item.answer)) for item in items_of(name, lang)]
    assert all(chinese) if about_both else any(chinese) is (lang == "zh")


@pytest.mark.parametrize("name", _SPLIT_BY_PHRASING.split())
def test_phrasings_differ_in_their_words(name: str) -> None:
    for phrasings in _phrasings(name):
        for lang in LANGS:
            if not phrasings.names(lang):
                continue  # Chinese measure words
            owner: dict[str, str] = {}
            rng = Random(1)
            for _ in range(400):
                text, phrasing = phrasings.draw(rng, lang, dress=False, **_slots(phrasings))
                assert owner.setdefault(normalise(text), phrasing) == phrasing, text


def _slots(phrasings: Phrasings) -> dict[str, str]:
    """Each slot filled with its own name, but for slots that differ in their capital alone."""
    names = {
        name for text in (*phrasings.en, *phrasings.zh) for _, name, _, _ in string.Formatter().parse(text) if name
    }
    return {name: name.removesuffix("_small") for name in names}


# What the answers say


@both_languages
def test_a_remembered_name_or_fact_was_told(lang: Lang) -> None:
    for name in ("remember_name", "remember_fact"):
        told = [
            item for item in items_of(name, lang) if accepts(item.answer, item.accept[:1]) and len(item.accept) == 1
        ]
        for item in told:
            if item.accept[0] not in ("remember", "记住"):
                assert item.accept[0].casefold() in _prompt(item).casefold(), item
        assert len(told) > DRAWS / 2
        turns = Counter(len(item.prompt) for item in items_of(name, lang))
        assert turns[1] > DRAWS / 8
        assert turns[3] + turns[5] + turns[7] > DRAWS / 3


@both_languages
@pytest.mark.parametrize("name", ["remember_name", "told_yes_no", "who_does_what"])
def test_names_are_split_alike_in_all_skills(name: str, lang: Lang) -> None:
    for item in items_of(name, lang):
        if not item.key.startswith("untold"):
            assert {is_held_out(person) for person in item.key.split(",")} == {item.held_out}, item


@both_languages
def test_no_sentence_is_taught_in_one_direction_and_held_out_in_the_other(lang: Lang) -> None:
    for name in ("translate_zh_en", "translate_en_zh"):
        for item in items_of(name, lang):
            assert item.held_out == unseen("sentence", item.key)


@both_languages
def test_yes_and_no_are_balanced_and_no_word_gives_them_away(lang: Lang) -> None:
    items = items_of("told_yes_no", lang, 6000)
    yes = [verdict(item.answer) is True for item in items]
    assert 0.47 < sum(yes) / len(yes) < 0.53
    seen: Counter[str] = Counter()
    with_yes: Counter[str] = Counter()
    for item, answer in zip(items, yes, strict=True):
        text = _prompt(item).lower()
        words = set(re.findall(r"[a-z]+", text) if lang == "en" else (a + b for a, b in pairwise(text)))
        seen.update(words)
        with_yes.update(words if answer else ())
    for word, times in seen.items():
        if times > 250:
            assert 0.35 < with_yes[word] / times < 0.65, (word, with_yes[word], times)


@both_languages
def test_who_is_more_follows_from_what_was_told(lang: Lang) -> None:
    tried = 0
    for item in items_of("told_yes_no", lang, 2000):
        person = "|".join(map(re.escape, item.key.split(",")))
        comparison = rf"({person}) is \w+ than ({person})|is ({person}) \w+ than ({person})"
        pattern = comparison if lang == "en" else rf"({person})(?:是不是)?比({person})"
        compared = [tuple(filter(None, found.groups())) for found in re.finditer(pattern, _prompt(item), re.IGNORECASE)]
        if len(compared) < 2:
            continue  # another kind of question
        *told, asked = compared
        more = {*told, *((a, d) for a, b in told for c, d in told if b == c)}
        assert (asked in more) != (asked[::-1] in more), item
        assert verdict(item.answer) is (asked in more), item
        tried += 1
    assert tried > 600


@both_languages
def test_what_is_more_follows_from_one_order(lang: Lang) -> None:
    """Yes when asked one way round means no when asked the other; and what is more than more is more."""
    told: dict[tuple[str, str, str], bool] = {}
    for item in items_of("yes_no", lang, 6000):
        pattern = r"(?:Yes|No), (.+) is \w+ than (.+)\." if lang == "en" else r"(?:是的|不是)，(.+)比(.+).。"
        found = re.fullmatch(pattern, item.answer)
        assert found, item
        said = verdict(item.answer)
        assert said is not None
        x, y = found.groups()
        y = y.removesuffix("更")
        assert told.setdefault((item.key.split()[0], x, y), said) is said
    assert len(told) > 250
    for scale, x, y in told:
        assert told.get((scale, y, x), not told[scale, x, y]) is not told[scale, x, y]
        for other, y2, z in told:
            if (other, y2) == (scale, y) and told[scale, x, y] is told[scale, y, z] and (scale, x, z) in told:
                assert told[scale, x, z] is told[scale, x, y]


@both_languages
def test_what_is_told_not_to_be_so_is_answered_no(lang: Lang) -> None:
    """ "Tom has a hat but not a dog. Does Tom have a dog?": no, as "not a dog" stands there."""
    tried = 0
    for item in items_of("told_yes_no", lang, 2000):
        asked = re.match(r"As for (an? \w+|\w+): (?:yes|no)\.$" if lang == "en" else r"([^：]+)：(?!.*更)", item.answer)
        if asked is None:
            continue  # who is more
        told = re.split(r"[.?,] (?:Does|Is|So|does|is) |[，。,]那么|[，。,](?=[^，。,]*吗)", _prompt(item))[0]
        words = re.escape(asked.group(1))
        denied = re.search(
            rf"not (?:have |like )?{words}\b" if lang == "en" else rf"(?:不喜欢|没有|不是){words}(?![一-龥])", told
        )
        assert verdict(item.answer) is (denied is None), item
        tried += 1
    assert tried > 800


@both_languages
def test_the_odd_one_is_of_another_kind(lang: Lang) -> None:
    kind_of = {word.en: kind.id for kind in KINDS for word in kind.words}
    spoken = {word.text(lang): kind.id for kind in KINDS for word in kind.words}
    for item in items_of("odd_one_out", lang):
        kinds = Counter(kind_of[word] for word in item.key.split(","))
        assert sorted(kinds.values())[0] == 1
        assert len(kinds) == 2
        assert kinds[spoken[item.accept[0]]] == 1, item


@both_languages
def test_turning_agrees_with_the_compass(lang: Lang) -> None:
    compass = ("north", "east", "south", "west") if lang == "en" else ("北", "东", "南", "西")
    quarters = {"left": 3, "right": 1, "around": 2, "左": 3, "右": 1, "后": 2}
    for item in items_of("directions", lang):
        kind, *told = item.key.split()
        if kind == "turn":
            assert item.accept == (compass[(compass.index(told[0]) + quarters[told[1]]) % 4],), item
        elif kind == "opposite":
            assert item.accept == (compass[(compass.index(told[0]) + 2) % 4],), item


@both_languages
def test_where_the_other_one_is_turns_the_sentence_round(lang: Lang) -> None:
    back = {
        "north of": "south of", "east of": "west of", "to the left of": "to the right of", "above": "below",
        "in front of": "behind", "北边": "南边", "东边": "西边", "左边": "右边", "上面": "下面", "前面": "后面",
    }  # fmt: skip
    back |= {there: here for here, there in back.items()}
    tried = 0
    for item in items_of("directions", lang):
        if not item.key.startswith(("turn", "opposite")):
            a, *there, b = item.key.split()
            where = back[" ".join(there)]
            assert item.answer == (f"The {b} is {where} the {a}." if lang == "en" else f"{b}在{a}的{where}。")
            tried += 1
    assert tried > DRAWS / 4


@pytest.mark.parametrize(
    ("name", "lang", "question", "answer"),
    [
        ("vocab_zh_en", "zh", "猫", "英文是 cat。"),
        ("vocab_zh_en", "en", "游泳", "In English: swim."),
        ("vocab_en_zh", "en", "tea", "In Chinese: 茶."),
        ("antonyms", "en", "hot", "The opposite is cold."),
        ("antonyms", "zh", "热", "反义词是“冷”。"),
        ("categories", "en", "an apple", "It is a fruit."),
        ("properties", "en", "colour grass", "Grass is green."),
        ("properties", "zh", "legs 鱼", "鱼没有腿。"),
        ("word_forms", "en", "plural mouse", "The plural is mice."),
        ("word_forms", "zh", "measure 书", "一本书。"),
        ("word_forms", "en", "past go", "The past tense is went."),
        ("translate_zh_en", "zh", "我喜欢红色的苹果", "I like red apples."),
        ("translate_en_zh", "en", "She is reading a book", "她在看书。"),
    ],
)
def test_what_is_taught(name: str, lang: Lang, question: str, answer: str) -> None:
    rng, skill = Random(1), skill_of(name)
    assert any(
        item.answer == answer and (question in _prompt(item) or item.key.startswith(question))
        for item in (skill.draw(rng, lang) for _ in range(12_000))
    )


@pytest.mark.parametrize(
    ("name", "lang", "wanted", "answer", "right"),
    [
        ("remember_name", "en", "Ann", "Your name is Anna.", False),
        ("remember_name", "en", "Ann", "You are ann!", True),
        ("remember_name", "zh", "李明", "你叫李明华。", False),
        ("remember_name", "zh", "李明", "我记得，你叫李明！", True),
        ("vocab_zh_en", "en", "cat", "In English: cats.", False),
        ("vocab_zh_en", "en", "cat", "cat or dog", False),
        ("vocab_zh_en", "en", "cat", "It is “Cat”.", True),
        ("vocab_en_zh", "zh", "猫", "中文是“熊猫”。", False),
        ("vocab_en_zh", "zh", "猫", "猫", True),
        ("antonyms", "en", "cold", "The opposite is cold, or hot.", False),
        ("antonyms", "zh", "冷", "热的反义词是冷。", False),
        ("properties", "en", "cold", "Ice is hot.", False),
        ("properties", "en", "cold", "cold", True),
        ("translate_zh_en", "zh", "I like tea.", "I like tea and milk.", False),
        ("translate_zh_en", "zh", "I like tea.", "i like tea", True),
        ("repeat_after", "en", "cat dog", "cat dog cat dog", False),
        ("told_yes_no", "en", "Yes, Tom is taller.", "No, Tom is taller.", False),
        ("told_yes_no", "en", "Yes, Tom is taller.", "Yes.", True),
        ("told_yes_no", "zh", "不，小明更高。", "不对", True),
        ("told_yes_no", "zh", "不，小明更高。", "是的，小明更高。", False),
    ],
)
def test_checkers_are_strict(name: str, lang: Lang, wanted: str, answer: str, right: bool) -> None:
    like = items_of(name, lang)[0]
    conversation = type(like.conversation).of("?", wanted)
    item = Item(name, lang, conversation, (wanted,), "key", False)
    assert skill_of(name).check(answer, item) is right


@pytest.mark.parametrize(
    ("wanted", "answer", "right"),
    [
        ("APPLE", "apple", False),
        ("APPLE", "APPLE", True),
        ("(cat)", "（cat）", True),
        ("(cat)", "cat", False),
        ("1. cat\n2. dog", "1. cat 2. dog", False),
        ("1. cat\n2. dog", "1. cat\n2. dog\n", True),
        ("cat cat", "cat cat cat", False),
        ('{"name": "Tom"}', '{"name": Tom}', False),
        ("“苹果”", '"苹果"', True),
    ],
)
def test_a_format_is_exact(wanted: str, answer: str, right: bool) -> None:
    like = items_of("follow_format", "en")[0]
    item = Item("follow_format", "en", type(like.conversation).of("?", wanted), (wanted,), "key", False)
    assert skill_of("follow_format").check(answer, item) is right


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("Tiger and lion.", True),
        ("A cat, and also a bird", True),
        ("Cat.", False),
        ("Cat and cat.", False),
        ("Cat and apple.", False),
        ("Cat, dog and bird.", False),
    ],
)
def test_any_two_animals_will_do(answer: str, right: bool) -> None:
    items = draw("examples", "en", 5, 3000)
    item = next(item for item in items if item.key.startswith("animal 2"))
    assert skill_of("examples").check(answer, item) is right


@both_languages
def test_the_unknown_is_said_to_be_unknown(lang: Lang) -> None:
    for item in items_of("unknown", lang):
        assert ("I don't know" if lang == "en" else "我不知道") in item.answer
        assert not skill_of("unknown").check("It is red." if lang == "en" else "是红色的。", item)


@both_languages
def test_json_and_lists_hold_what_was_asked(lang: Lang) -> None:
    forms: Counter[str] = Counter()
    for item in items_of("follow_format", lang, 2000):
        form, _, words = item.key.partition(" ")
        if form == "json":
            assert words in _prompt(item)
            assert json.loads(item.answer).popitem()[1] == words
        elif form == "numbered":
            lines = [re.sub(r"^\d\. ", "", line) for line in item.answer.split("\n")]
            assert " ".join(lines) == words
            assert all(line in _prompt(item) for line in lines)
        elif form == "repeated":
            word, times = words.rsplit(" ", 1)
            assert item.answer == " ".join([word] * int(times))
        elif form == "upper":
            assert item.answer.isupper()
            assert item.answer.casefold() == words.split()[0]
        forms[form] += 1
    assert min(forms[form] for form in ("json", "numbered", "repeated", "upper", "joined")) > 100
