"""English sentences into Chinese, from the grammar in `sentences`, asked in either language.

Held out: sentences, in both directions alike; their words and their pattern are taught in other combinations. Single
words are `vocab_en_zh`.
"""

from random import Random

from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.sentences import draw_sentence, draw_wording
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation
from chatzero.text.matching import normalise

NAME = "translate_en_zh"

_ASK = Phrasings(
    en=(
        "[Translate|Please translate|Can you translate this] into Chinese: {s}",
        "[Translate to Chinese|Into Chinese|To Chinese|Chinese]: {s}",
        'Translate [“{s}”|"{s}"|{s}] [into|to] Chinese.',
        "Translate this[ sentence|] [into|to] Chinese: {s}",
        "Put this into Chinese: {s}",
        'How do you say [“{s}”|"{s}"|{s}] in Chinese?',
        "How [do I|can I|would you] say [“{s}”|{s}] in Chinese?",
        'What is [“{s}”|"{s}"|{s}] in Chinese?',
        "[Say|Write] this in Chinese: {s}",
        "What is the Chinese for [“{s}”|{s}]?",
        "What is the [meaning|Chinese translation] of “{s}”?",
        "{s} [in Chinese|in Chinese, please]?",
        'Translate ["{s}"|{s}] for me, into Chinese.',
        'Give me the Chinese [translation of|for] "{s}".',
    ),
    zh=(
        "[翻译|请翻译|帮我翻译]成[中文|汉语]：{s}",
        '[把|将][“{s}”|{s}|"{s}"][翻译成|译成][中文|汉语]。',
        "[把|将|请把]这句话翻译成[中文|汉语]：{s}",
        '[“{s}”|{s}|"{s}"]用[中文|汉语]怎么说？',
        "[“{s}”|{s}]的[中文|汉语]是什么？",
        "[“{s}”|{s}]的中文怎么说？",
        "[“{s}”|{s}][中文|汉语]怎么说？",
        "[“{s}”|{s}]翻译成[中文|汉语]是什么？",
        "怎么用[中文|汉语]说[“{s}”|{s}]？",
        "用[中文|汉语]怎么说[“{s}”|：{s}]？",
        "[翻译|请翻译]下面的句子：{s}",
        "用[中文|汉语]说：{s}",
        "[中文翻译|翻译为中文|译成汉语]：{s}",
        "[“{s}”|{s}]这句话用中文怎么说？",
        "[“{s}”|{s}]是什么意思？",
        "{s} 是什么意思？",
        "[“{s}”|{s}]这句英文是什么意思？",
    ),
)


def draw(rng: Random, lang: Lang) -> Item:
    sentence = draw_sentence(rng)
    question, _ = _ASK.draw(rng, lang, s=draw_wording(rng, sentence.en))
    key = sentence.en[0]
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, sentence.zh[0]),
        accept=sentence.zh,
        key=key,
        held_out=unseen("sentence", key),
    )


def check(answer: str, item: Item) -> bool:
    """Exactly one of the right wordings, but for capitals, spaces and punctuation."""
    return normalise(answer) in map(normalise, item.accept)


skill = Skill(name=NAME, draw=draw, check=check, weight=2.0)
