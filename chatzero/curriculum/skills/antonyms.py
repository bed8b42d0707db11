"""The opposite of a word, in the language of the question.

Held out: combinations of word and phrasing; each word is taught in other phrasings.
"""

from random import Random

from chatzero.curriculum.mentions import mentions_only
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.curriculum.words import OPPOSITES
from chatzero.text.conversation import Conversation

NAME = "antonyms"

_ASK = Phrasings(
    en=(
        'What is the opposite of [{w}|"{w}"|“{w}”]?',
        'What\'s the opposite of [{w}|"{w}"]?',
        'What is the antonym of [{w}|"{w}"]?',
        'The opposite of [{w}|"{w}"] is [|what]?',
        'Which word [means the opposite of|is the opposite of] [{w}|"{w}"]?',
        'Give me [the opposite|an opposite|an antonym] of [{w}|"{w}"].',
        'Tell me the [opposite|antonym] of [{w}|"{w}"].',
        '[Name|Say|Find] the opposite of [{w}|"{w}"].',
        "What is the contrary of {w}?",
        'What word is opposite [to|in meaning to] [{w}|"{w}"]?',
        "What is '{w}' the opposite of?",
        "opposite of {w}",
        "[Antonym|Antonym of|Opposite]: {w}",
    ),
    zh=(
        '[“{w}”|{w}|"{w}"]的反义词是什么？',
        "[“{w}”|{w}]的反义词[是|是哪个|是啥]？",
        "和[“{w}”|{w}]意思相反的词是什么？",
        "[“{w}”|{w}]的反面是什么？",
        "与[“{w}”|{w}]相反的词是什么？",
        "说出[“{w}”|{w}]的反义词。",
        "[写出|找出|给出|告诉我]“{w}”的反义词。",
        "[“{w}”|{w}]的相反词是什么？",
        "什么词和[“{w}”|{w}]意思相反？",
        "反义词：{w}",
        "{w}的反义词",
        "[“{w}”|{w}]反过来是什么？",
        "[“{w}”|{w}]的对立面是什么？",
    ),
)
_ANSWER: dict[Lang, str] = {"en": "The opposite is {w}.", "zh": "反义词是“{w}”。"}
_ASKED: dict[Lang, tuple[str, ...]] = {"en": tuple(OPPOSITES["en"]), "zh": tuple(OPPOSITES["zh"])}


def draw(rng: Random, lang: Lang) -> Item:
    word = rng.choice(_ASKED[lang])
    opposites = OPPOSITES[lang][word]
    question, phrasing = _ASK.draw(rng, lang, w=word)
    key = f"{word} {phrasing}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, _ANSWER[lang].format(w=opposites[0])),
        accept=opposites,
        key=key,
        held_out=unseen(NAME, key),
    )


_WORDS = [word for table in OPPOSITES.values() for words in ((*table,), *table.values()) for word in words]
check = mentions_only(_WORDS)

skill = Skill(name=NAME, draw=draw, check=check, weight=1.5)
