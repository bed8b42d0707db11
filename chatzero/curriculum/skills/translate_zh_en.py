"""Chinese sentences into English, from the grammar in `sentences`, asked in either language.

Held out: sentences, in both directions alike; their words and their pattern are taught in other combinations. Single
words are `vocab_zh_en`.
"""

from random import Random

from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.sentences import draw_sentence, draw_wording
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation
from chatzero.text.matching import normalise

NAME = "translate_zh_en"

_ASK = Phrasings(
    en=(
        "[Translate|Please translate|Can you translate this] into English: {s}",
        "[Translate to English|Into English|To English|English]: {s}",
        'Translate [“{s}”|"{s}"|{s}] [into|to] English.',
        "Translate this[ sentence|] [into|to] English: {s}",
        "Put this into English: {s}",
        'How do you say [“{s}”|"{s}"|{s}] in English?',
        "How [do I|can I|would you] say [“{s}”|{s}] in English?",
        'What is [“{s}”|"{s}"|{s}] in English?',
        'What does [“{s}”|"{s}"|{s}] mean?',
        "What does {s} mean in English?",
        "[Say|Write] this in English: {s}",
        "What is the English for [“{s}”|{s}]?",
        "What is the [meaning|English translation] of “{s}”?",
        "{s} [in English|in English, please]?",
    ),
    zh=(
        "[翻译|请翻译|帮我翻译]成[英文|英语]：{s}",
        '[把|将][“{s}”|{s}|"{s}"][翻译成|译成][英文|英语]。',
        "[把|将|请把]这句话翻译成[英文|英语]：{s}",
        '[“{s}”|{s}|"{s}"]用[英语|英文]怎么说？',
        "[“{s}”|{s}]的[英文|英语]是什么？",
        "[“{s}”|{s}]的英文怎么说？",
        "[“{s}”|{s}][英文|英语]怎么说？",
        "[“{s}”|{s}]翻译成[英文|英语]是什么？",
        "怎么用[英语|英文]说[“{s}”|{s}]？",
        "用[英语|英文]怎么说[“{s}”|：{s}]？",
        "[翻译|请翻译]下面的句子：{s}",
        "用[英语|英文]说：{s}",
        "[英文翻译|翻译为英文|译成英语]：{s}",
        "[“{s}”|{s}]这句话用英语怎么说？",
    ),
)


def draw(rng: Random, lang: Lang) -> Item:
    sentence = draw_sentence(rng)
    question, _ = _ASK.draw(rng, lang, s=draw_wording(rng, sentence.zh))
    key = sentence.en[0]
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, sentence.en[0]),
        accept=sentence.en,
        key=key,
        held_out=unseen("sentence", key),
    )


def check(answer: str, item: Item) -> bool:
    """Exactly one of the right wordings, but for capitals, spaces and punctuation."""
    return normalise(answer) in map(normalise, item.accept)


skill = Skill(name=NAME, draw=draw, check=check, weight=2.3)
