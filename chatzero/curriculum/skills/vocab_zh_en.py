"""Chinese words into English, asked in either language.

Held out: combinations of word and phrasing; each word is taught in other phrasings, for a word cannot be guessed.
The other direction is `vocab_en_zh`, sentences are `translate_zh_en`.
"""

from random import Random

from chatzero.curriculum.mentions import mentions_only
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.curriculum.words import WORDS
from chatzero.text.conversation import Conversation

NAME = "vocab_zh_en"

_ASK = Phrasings(
    en=(
        'How do you say [{zh}|“{zh}”|"{zh}"] in English?',
        'What is [{zh}|“{zh}”|"{zh}"] in English?',
        "What's {zh} in English?",
        'Translate [{zh}|“{zh}”|"{zh}"] [into|to] English.',
        "[Translate|Please translate] into English: {zh}",
        "[Translate to English|To English]: {zh}",
        "What does [{zh}|“{zh}”] mean?",
        "What does {zh} mean in English?",
        "What is the English word for [{zh}|“{zh}”]?",
        "What is the meaning of {zh}?",
        "{zh} in English?",
        "English for {zh}?",
        "How is {zh} said in English?",
        "Give me the English word for {zh}.",
        "Say {zh} in English.",
        "Which English word means [{zh}|“{zh}”]?",
    ),
    zh=(
        '[“{zh}”|{zh}|"{zh}"]用[英语|英文]怎么说？',
        "[“{zh}”|{zh}]的[英文|英语]是什么？",
        "[“{zh}”|{zh}]的英文怎么说？",
        "[“{zh}”|{zh}][英文|英语]怎么说？",
        '[把|将][“{zh}”|{zh}|"{zh}"]翻译成[英文|英语]。',
        "[翻译|请翻译]成[英文|英语]：{zh}",
        "怎么用[英文|英语]说[“{zh}”|{zh}]？",
        "[“{zh}”|{zh}]的英文单词是什么？",
        "{zh}翻译成[英文|英语]",
        "[“{zh}”|{zh}]翻译成[英文|英语]是什么？",
        "英语里[“{zh}”|{zh}]怎么说？",
        "用英[语|文]说[“{zh}”|{zh}]。",
        "英语的[“{zh}”|{zh}]是哪个单词？",
        "[“{zh}”|{zh}]这个词用英语怎么说？",
        "写出[“{zh}”|{zh}]的英文。",
        "{zh}的英文",
    ),
)
_ANSWER: dict[Lang, str] = {"en": "In English: {en}.", "zh": "英文是 {en}。"}
# 晚上 may be "evening" or "night": what any word of the table allows is right.
_ACCEPT: dict[str, tuple[str, ...]] = {
    word.zh: word.accepted("en")
    + tuple(
        en for other in WORDS if other is not word and word.zh in other.accepted("zh") for en in other.accepted("en")
    )
    for word in WORDS
}


def draw(rng: Random, lang: Lang) -> Item:
    word = rng.choice(WORDS)
    question, phrasing = _ASK.draw(rng, lang, zh=word.zh)
    key = f"{word.en} {phrasing}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, _ANSWER[lang].format(en=word.en)),
        accept=_ACCEPT[word.zh],
        key=key,
        held_out=unseen(NAME, key),
    )


check = mentions_only(en for word in WORDS for en in word.accepted("en"))

skill = Skill(name=NAME, draw=draw, check=check, weight=1.1)
