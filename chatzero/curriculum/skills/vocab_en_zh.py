"""English words into Chinese, asked in either language.

Held out: combinations of word and phrasing; each word is taught in other phrasings, for a word cannot be guessed.
The other direction is `vocab_zh_en`, sentences are `translate_en_zh`.
"""

from random import Random

from chatzero.curriculum.mentions import mentions_only
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.curriculum.words import WORDS
from chatzero.text.conversation import Conversation

NAME = "vocab_en_zh"

_ASK = Phrasings(
    en=(
        'How do you say [{en}|"{en}"|“{en}”] in Chinese?',
        'What is [{en}|"{en}"|“{en}”] in Chinese?',
        "What's {en} in Chinese?",
        'Translate [{en}|"{en}"|“{en}”] [into|to] Chinese.',
        "[Translate|Please translate] into Chinese: {en}",
        "[Translate to Chinese|To Chinese]: {en}",
        'What is the Chinese [word|for|word for] [{en}|"{en}"]?',
        "{en} in Chinese?",
        "Chinese for {en}?",
        'How is [{en}|"{en}"] said in Chinese?',
        'How do I write [{en}|"{en}"] in Chinese?',
        "Give me the Chinese word for {en}.",
        'Say [{en}|"{en}"] in Chinese.',
        'Which Chinese word means [{en}|"{en}"]?',
        'How do Chinese people say [{en}|"{en}"]?',
    ),
    zh=(
        '[{en}|“{en}”|"{en}"|{en} ]是什么意思？',
        '[{en}|“{en}”|"{en}"]用中文怎么说？',
        "[{en}|“{en}”]的中文是什么？",
        "[{en}|“{en}”]的中文意思是什么？",
        "[{en}|“{en}”]中文怎么说？",
        '[把|将][{en}|“{en}”|"{en}"]翻译成[中文|汉语]。',
        "[翻译|请翻译]成中文：{en}",
        "怎么用中文说[{en}|“{en}”]？",
        "英[文|语]单词[{en}|“{en}”| {en} ]是什么意思？",
        "{en} 翻译成中文",
        "[{en}|“{en}”]翻译成中文是什么？",
        "[{en}|“{en}”]这个单词是什么意思？",
        "用中文说[{en}|“{en}”]。",
        "写出[{en}|“{en}”]的中文。",
        "[{en}|“{en}”]在中文里[是什么|怎么说]？",
        "{en} 的意思",
    ),
)
_ANSWER: dict[Lang, str] = {"en": "In Chinese: {zh}.", "zh": "中文是“{zh}”。"}
# "orange" is 橙子, and what any other word of the table allows.
_ACCEPT: dict[str, tuple[str, ...]] = {
    word.en: word.accepted("zh")
    + tuple(
        zh for other in WORDS if other is not word and word.en in other.accepted("en") for zh in other.accepted("zh")
    )
    for word in WORDS
}


def draw(rng: Random, lang: Lang) -> Item:
    word = rng.choice(WORDS)
    question, phrasing = _ASK.draw(rng, lang, en=word.en)
    key = f"{word.en} {phrasing}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, _ANSWER[lang].format(zh=word.zh)),
        accept=_ACCEPT[word.en],
        key=key,
        held_out=unseen(NAME, key),
    )


check = mentions_only(zh for word in WORDS for zh in word.accepted("zh"))

skill = Skill(name=NAME, draw=draw, check=check, weight=1.4)
