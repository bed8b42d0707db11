"""The tables that the language skills draw from: words, opposites, kinds, sentences, facts and situations."""

import re
from collections import Counter
from itertools import chain

import pytest

from chatzero.curriculum.kinds import BY_ID, KINDS, apart
from chatzero.curriculum.plain_facts import FACTS
from chatzero.curriculum.sentences import Sentence, patterns
from chatzero.curriculum.situations import ADVICE, EFFECTS
from chatzero.curriculum.skill import Lang, unseen
from chatzero.curriculum.words import OPPOSITES, WORDS, Word, article

LANGS: tuple[Lang, ...] = ("en", "zh")
_BY_ENGLISH = {word.en: word for word in WORDS}


def _sentences() -> list[Sentence]:
    return list(chain.from_iterable(patterns()))


def test_each_word_stands_once_in_each_language() -> None:
    assert 200 <= len(WORDS) <= 300
    for lang in LANGS:
        assert [text for text, times in Counter(word.text(lang) for word in WORDS).items() if times > 1] == []


def test_each_word_is_in_its_language() -> None:
    for word in WORDS:
        assert all(re.fullmatch(r"[A-Za-z][A-Za-z -]*", en) for en in word.accepted("en")), word
        assert all(re.fullmatch(r"[一-鿿]+", zh) for zh in word.accepted("zh")), word
        assert re.fullmatch(r"[一-鿿]?", word.measure), word


@pytest.mark.parametrize(
    ("word", "form", "named"),
    [
        ("apple", "apples", "an apple"),
        ("mouse", "mice", "a mouse"),
        ("child", "children", "a child"),
        ("bus", "buses", "a bus"),
        ("knife", "knives", "a knife"),
        ("strawberry", "strawberries", "a strawberry"),
        ("sheep", "sheep", "a sheep"),
        ("umbrella", "umbrellas", "an umbrella"),
        ("tea", "", "tea"),
        ("red", "", "red"),
        ("go", "went", "go"),
        ("love", "loved", "love"),
        ("walk", "walked", "walk"),
    ],
)
def test_english_forms(word: str, form: str, named: str) -> None:
    assert (_BY_ENGLISH[word].form, _BY_ENGLISH[word].with_article) == (form, named)


def test_every_noun_that_is_counted_has_a_measure_word() -> None:
    assert all(word.measure for word in WORDS if word.countable)


@pytest.mark.parametrize("lang", LANGS)
def test_opposites_hold_both_ways(lang: Lang) -> None:
    for word, opposites in OPPOSITES[lang].items():
        assert word in OPPOSITES[lang][opposites[0]], word
        assert word not in opposites
        assert len(set(opposites)) == len(opposites)


def test_a_word_is_of_one_kind_and_kinds_apart_share_none() -> None:
    for kind in KINDS:
        assert len(kind.words) >= 4
        for other in apart(kind):
            assert kind in apart(other)
            assert not set(kind.words) & set(other.words)
    assert BY_ID["fruit"] not in apart(BY_ID["food"])
    assert BY_ID["colour"] in apart(BY_ID["food"])


def test_every_sentence_has_one_translation_and_its_own_key() -> None:
    sentences = _sentences()
    assert len(sentences) > 5000
    for side in ("en", "zh"):
        firsts = Counter(getattr(sentence, side)[0] for sentence in sentences)
        assert [text for text, times in firsts.items() if times > 1] == []


def test_sentences_are_well_formed() -> None:
    for sentence in _sentences():
        assert all(re.fullmatch(r"[A-Z][A-Za-z' ]*[.?]", en) for en in sentence.en), sentence
        assert all(re.fullmatch(r"[一-鿿]+[。？]", zh) for zh in sentence.zh), sentence
        assert sentence.en[0].endswith("?") is sentence.zh[0].endswith("？")
        assert len(set(sentence.zh)) == len(sentence.zh)
        for en in sentence.en:
            for a, noun in re.findall(r"\b(an?) (\w+)", en):
                assert a == article(noun), en
            assert not re.search(r"\b(He|She|Tom|Anna|My \w+) (like|want|have|do) ", en), en
            assert not re.search(r"\b(I|You|We|They) (likes|wants|has|does|is) ", en), en


def test_no_word_is_kept_out_of_training_by_the_split_of_sentences() -> None:
    """Each word of a held-out sentence is taught in others: only the combination is new."""
    taught: Counter[str] = Counter()
    for sentence in _sentences():
        if not unseen("sentence", sentence.en[0]):
            taught.update(re.findall(r"[\w']+", sentence.en[0]))
    for sentence in _sentences():
        for word in re.findall(r"[\w']+", sentence.en[0]):
            assert taught[word] >= 2, (word, sentence)


@pytest.mark.parametrize(
    ("en", "zh"),
    [
        ("I like red apples.", "我喜欢红色的苹果。"),
        ("She is reading a book.", "她在看书。"),
        ("They have two cats.", "他们有两只猫。"),
        ("My father is a doctor.", "我爸爸是医生。"),
        ("There is a key in the bag.", "包里有一把钥匙。"),
        ("Does he like tea?", "他喜欢茶吗？"),
        ("We will go to the zoo tomorrow.", "我们明天要去动物园。"),
        ("It is not hot today.", "今天不热。"),
        ("This car is white.", "这辆汽车是白色的。"),
    ],
)
def test_translations(en: str, zh: str) -> None:
    assert any(sentence.en[0] == en and sentence.zh[0] == zh for sentence in _sentences())


@pytest.mark.parametrize("table", [ADVICE, EFFECTS], ids=["advice", "effects"])
def test_situations_stand_side_by_side(table: dict[Lang, tuple[object, ...]]) -> None:
    assert len(table["en"]) == len(table["zh"])


@pytest.mark.parametrize("lang", LANGS)
def test_situations_are_told_in_several_ways(lang: Lang) -> None:
    told = [wording for table in (ADVICE, EFFECTS) for situation in table[lang] for wording in situation.wordings]
    assert len(set(told)) == len(told)
    for table in (ADVICE, EFFECTS):
        for situation in table[lang]:
            assert len(situation.wordings) == 3
            assert any(accepted.casefold() in situation.answer.casefold() for accepted in situation.accept), situation


def test_facts_stand_side_by_side() -> None:
    for topic, by_lang in FACTS.items():
        assert len(by_lang["en"]) == len(by_lang["zh"]), topic
        for lang in LANGS:
            things = [fact.thing for fact in by_lang[lang]]
            assert len(set(things)) == len(things), (topic, lang)


def test_articles() -> None:
    assert [article(word) for word in ("apple", "Egg", "pear", "Tom")] == ["an", "an", "a", "a"]
    assert isinstance(WORDS[0], Word)
