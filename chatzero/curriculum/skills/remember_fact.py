"""The user tells one or two facts (a favourite colour, a pet, a city, a number) and later asks for one of them.

Held out: pairs of what is asked and its value (lucky number, 47); where the value is somebody's name, the name; where
nothing was told, what is asked and its phrasing. Not here: the user's own name (`remember_name`).
"""

from random import Random

from chatzero.curriculum.asides import draw_asides, in_one_turn, typed
from chatzero.curriculum.mentions import folded, says_item
from chatzero.curriculum.names import is_held_out
from chatzero.curriculum.personal_facts import FACTS, PersonalFact
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.curriculum.words import article
from chatzero.text.conversation import Conversation
from chatzero.text.matching import accepts

NAME = "remember_fact"
UNTOLD_SHARE = 0.05  # asked, but never told
NOTED_SHARE = 0.05  # told, and not asked
VALUE_FIRST_LOWER_SHARE = 0.6

_NOTED: dict[Lang, str] = {"en": "OK, I will remember that.", "zh": "好的，我记住了。"}
_NOTED_ACCEPT: dict[Lang, tuple[str, ...]] = {"en": ("remember",), "zh": ("记住",)}
_UNTOLD: dict[Lang, str] = {"en": "You have not told me that yet.", "zh": "你还没有告诉我。"}
_UNTOLD_ACCEPT: dict[Lang, tuple[str, ...]] = {
    "en": ("not told me", "haven't told me", "don't know", "do not know"),
    "zh": ("没有告诉", "没告诉", "不知道"),
}


def _is_held_out(fact: PersonalFact, value: str) -> bool:
    return is_held_out(value) if fact.is_name else unseen(NAME, fact.id, folded(value))


def _told(rng: Random, lang: Lang, fact: PersonalFact, value: str) -> str:
    text = fact.tell.draw(rng, lang, dress=False, v=value, a=article(value)).text
    if text.startswith(value) and rng.random() < VALUE_FIRST_LOWER_SHARE:
        return text  # as in a chat: yellow is my favourite colour
    return text[0].upper() + text[1:]


def _training_value(rng: Random, lang: Lang, fact: PersonalFact) -> str:
    """A value for a fact told only to distract: held-out ones are not told in training."""
    while _is_held_out(fact, value := fact.value(rng, lang)):
        pass
    return value


def _item(lang: Lang, turns: list[str], accept: tuple[str, ...], key: str, held_out: bool) -> Item:
    return Item(NAME, lang, Conversation.of(*turns), accept, key, held_out)


def draw(rng: Random, lang: Lang) -> Item:
    how = rng.random()
    facts = rng.sample(FACTS, rng.choice((1, 1, 1, 1, 2, 2)))
    asked = facts[0]
    if how < UNTOLD_SHARE and asked.id != "city":  # where somebody is, is the hand-written `limits`' to answer
        question, phrasing = asked.ask.draw(rng, lang)
        key = f"untold {asked.id} {phrasing}"
        return _item(lang, [question, _UNTOLD[lang]], _UNTOLD_ACCEPT[lang], key, unseen(NAME, key))

    value = asked.value(rng, lang)
    key, held_out = f"{asked.id} {folded(value)}", _is_held_out(asked, value)
    told = [_told(rng, lang, asked, value)]
    if how < UNTOLD_SHARE + NOTED_SHARE:
        return _item(lang, [typed(rng, lang, told[0]), _NOTED[lang]], _NOTED_ACCEPT[lang], key, held_out)
    told += [_told(rng, lang, fact, _training_value(rng, lang, fact)) for fact in facts[1:]]
    rng.shuffle(told)
    space = " " if lang == "en" else ""
    answer = asked.answer[lang].format(v=value, a=article(value))
    if rng.random() < 0.3:
        question = asked.ask.draw(rng, lang, dress=False).text
        turns = [in_one_turn(rng, lang, space.join(told), question)]
    elif rng.random() < 0.5:
        turns = [typed(rng, lang, space.join(told)), _NOTED[lang]]
    else:
        turns = [turn for statement in told for turn in (typed(rng, lang, statement), _NOTED[lang])]
    if len(turns) > 1:
        turns += [*draw_asides(rng, lang, rng.choice((0, 0, 1))), asked.ask.draw(rng, lang).text]
    return _item(lang, [*turns, answer], (value,), key, held_out)


def check(answer: str, item: Item) -> bool:
    """The value, whole; or that it was not told, or that it is noted."""
    wordings = (*_NOTED_ACCEPT[item.lang], *_UNTOLD_ACCEPT[item.lang])
    return accepts(answer, item.accept) if item.accept[0] in wordings else says_item(answer, item)


skill = Skill(name=NAME, draw=draw, check=check, weight=4.6)
