"""Spelling: cat is c-a-t, and c-a-t is cat; in Chinese also the characters of a word one by one: 学习 is 学、习.

Held out: the word (of a closed list) in a phrasing that it was not seen in.
"""

import re
from random import Random

from chatzero.curriculum.checkers import ends_in_word, words_in
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.short_words import SPELLING_WORDS
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "spell_word"

_SPELL = Phrasings(
    en=(
        "[How do you|How do I|How to] spell {word}?",
        "Spell {word}.",
        "Spell the word {word}.",
        "Spell {word} letter by letter.",
        "How is {word} [spelled|spelt|written]?",
        "What are the letters [in|of] {word}?",
        "What letters are in the word {word}?",
        "Write {word} letter by letter.",
        "[Can|Could] you spell {word}?",
        "Give me the spelling of {word}.",
        "What is the spelling of {word}?",
        "Spelling of {word}",
        "Say the letters of {word}.",
        "{word}: how is it spelled?",
        "Split {word} into letters.",
    ),
    zh=(
        "{word}怎么拼？",
        "{word} 怎么拼写？",
        "英文单词 {word} 怎么拼？",
        "单词{word}怎么拼写？",
        "拼写{word}。",
        "拼一下{word}。",
        "把 {word} 一个字母一个字母地拼出来。",
        "{word}由哪些字母组成？",
        "{word}这个单词怎么拼？",
        "{word}的拼写是什么？",
        "你会拼{word}吗？",
    ),
)
_SPLIT = Phrasings(
    en=("Split {word} into characters.",),  # not drawn in English
    zh=(
        "把{word}拆开[说|念|写]。",
        "把{word}一个字一个字地[说出来|念出来|写出来]。",
        "{word}拆开是哪几个字？",
        "{word}由哪几个字组成？",
        "{word}里有哪些字？",
        "把{word}分成一个一个的字。",
        "拆开{word}。",
        "逐字[念|说|写]{word}。",
        "{word}是哪几个字？",
        "词语{word}拆成单字是什么？",
        "一字一字地[念|说]{word}。",
    ),
)
_JOIN = Phrasings(
    en=(
        "What word is {letters}?",
        "What word do the letters {letters} [make|spell]?",
        "Which word is spelled {letters}?",
        "What does {letters} spell?",
        "{letters} spells what?",
        "Put the letters {letters} together.",
        "Join {letters} into a word.",
        "Read this word: {letters}.",
    ),
    zh=(
        "{letters}是什么词？",
        "{letters}合起来是什么词？",
        "{letters}连起来是什么？",
        "把{letters}连起来。",
        "把{letters}合成一个词。",
        "{letters}拼起来是什么？",
        "{letters}组成什么词？",
        "读一读这个词：{letters}。",
    ),
)
_SINGLE_LETTER = re.compile(r"(?<![a-z])[a-z](?![a-z])")


def draw(rng: Random, lang: Lang) -> Item:
    english = lang == "en" or rng.random() < 0.4
    word = rng.choice(SPELLING_WORDS["en" if english else "zh"])
    pieces = ("-" if english else "、").join(word)
    kind = rng.random()
    if kind < 0.15:
        question, phrasing = _JOIN.draw(rng, lang, letters=pieces)
        phrasing, answer = f"join {phrasing}", word
    elif english:
        question, phrasing = _SPELL.draw(rng, lang, word=word if kind < 0.85 else f'"{word}"')
        answer = pieces
    else:
        question, phrasing = _SPLIT.draw(rng, lang, word=f"“{word}”")
        answer = pieces
    key = f"{word} {phrasing}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, answer),
        accept=(answer,),
        key=key,
        held_out=unseen(NAME, key),
    )


def check(answer: str, item: Item) -> bool:
    """The word; or its letters one by one, no more and no fewer."""
    wanted = words_in(item.accept[0])
    if len(wanted) == 1:
        return ends_in_word(answer, item)
    if wanted[0].isascii():
        return _SINGLE_LETTER.findall(answer.casefold()) == wanted
    return words_in(answer) == wanted


skill = Skill(name=NAME, draw=draw, check=check, weight=1.6)
