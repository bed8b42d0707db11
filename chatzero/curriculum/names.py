"""People's names, from a space too large to learn by heart: what a model can do with them is copy.

Half of the English names are common ones, half are made of syllables; a Chinese name is a surname and one or two
characters, 小 and one, or one of the other ways people give a name. Held out are names (by a hash of the name), in
all skills alike: a name that stands in a training question stands in no held-out one.
"""

from random import Random

from chatzero.curriculum.skill import Lang, unseen

HELD_OUT_SHARE = 0.1


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_COMMON = _words(
    "Adam Alan Alex Alice Amy Andrew Anna Anne Arthur Ben Bella Bob Brian Carl Carol Charles Chris Clara Dan "
    "Daniel David Diana Dora Dylan Edward Ella Emily Emma Eric Eva Evan Felix Fiona Frank Fred George Grace "
    "Hannah Harry Helen Henry Hugo Ian Ida Iris Isaac Ivan Ivy Jack Jake James Jane Jason Jenny Jim Joan Joe "
    "John Joseph Judy Julia Karen Kate Keith Kelly Ken Kevin Kim Laura Leo Lewis Lily Linda Lisa Louis Lucas "
    "Lucy Luke Lynn Maggie Maria Mark Martin Mary Matt Max Megan Mia Michael Mike Molly Nancy Nick Nina Noah "
    "Nora Oliver Olivia Oscar Pam Pat Paul Peter Phil Rachel Ralph Ray Rebecca Richard Rita Robert Robin Rosa "
    "Rose Ruby Ruth Ryan Sally Sam Sandra Sara Scott Sean Simon Sofia Sophie Stella Steve Susan Ted Teresa Tim "
    "Tina Toby Tom Tony Vera Victor Wendy Will Zoe Wei Ming Mei Lin Jun Hong Xiaoming Yuki Omar Priya Carlos "
    "Ravi Fatima Ahmed Ingrid Sven Pedro Mario"
)
# Few and simple syllables: a tokenizer makes a token of each, and a name is two or three of them to copy.
_ONSETS = tuple("bdfgjklmnprstvwz")
_VOWELS = tuple("aaeeiou")
_CODAS = tuple("nlrs")
_THREE_SYLLABLES_SHARE = 0.1
_CODA_SHARE = 0.4

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
    "姜崔钟谭陆汪范金"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚玲辉健华红英文斌玉宇浩子涵轩欣怡雨佳琪思晨诗梦瑶俊凯嘉天志远建国"
    "春秋月云飞鹏海波峰松青山东雪梅兰竹婷慧雅安康宁乐阳亮星心语书清博一依"
)
_FOREIGN = _words("汤姆 安娜 玛丽 杰克 露西 彼得 大卫 约翰 艾米 迈克 丽莎 本杰明 索菲亚 马克 凯特 保罗")


def _english(rng: Random) -> str:
    if rng.random() < 0.5:
        return rng.choice(_COMMON)
    count = 3 if rng.random() < _THREE_SYLLABLES_SHARE else 2
    syllables = "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(count))
    # A made-up name does not end in "e": too many words do ("name", "time").
    coda = rng.choice(_CODAS) if syllables[-1] == "e" or rng.random() < _CODA_SHARE else ""
    return (syllables + coda).capitalize()


def _chinese(rng: Random, nickname: bool) -> str:
    how = rng.uniform(0.65, 0.85) if nickname else rng.random()
    given = rng.choice(_GIVEN)
    if how < 0.45:
        return rng.choice(_SURNAMES) + given + rng.choice(_GIVEN)
    if how < 0.65:
        return rng.choice(_SURNAMES) + given
    if how < 0.8:
        return "小" + (given if rng.random() < 0.8 else rng.choice(_SURNAMES))
    if how < 0.85:
        return given + given
    if how < 0.93:
        return given + rng.choice(_GIVEN)
    return rng.choice(_FOREIGN) if how < 0.96 else _english(rng)


def is_held_out(name: str) -> bool:
    return unseen("name", name.casefold(), share=HELD_OUT_SHARE)


def draw_names(
    rng: Random, lang: Lang, count: int, *, held_out: bool | None = None, nicknames: bool = False
) -> tuple[tuple[str, ...], bool]:
    """`count` names, all of one side of the split, and whether that is the held-out side; none is part of another.

    `held_out` asks for one side, as a skill does whose held-out rule is another than the name. `nicknames` may be
    those of animals: a Chinese one has no surname.
    """
    wanted = rng.random() < HELD_OUT_SHARE if held_out is None else held_out
    names: list[str] = []
    while len(names) < count:
        name = _english(rng) if lang == "en" else _chinese(rng, nicknames)
        if is_held_out(name) == wanted and not any(_overlap(name, other) for other in names):
            names.append(name)
    return tuple(names), wanted


def _overlap(one: str, other: str) -> bool:
    one, other = one.casefold(), other.casefold()
    return one in other or other in one
