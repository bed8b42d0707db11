"""How does somebody feel when this happens?

Held out: combinations of what happens and phrasing; each happening is taught in other phrasings. The names are
training names.
"""

from random import Random

from chatzero.curriculum.mentions import mentions_only
from chatzero.curriculum.names import draw_names
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "emotions"

_ASK = Phrasings(
    en=(
        "[{name} {what}. How|{name} {what}, how] does {name} feel?",
        "{name} {what}. How must {name} feel?",
        "How does {name} feel when {name} {what}?",
        "{name} {what}. What does {name} feel?",
        "If {name} {what}, how does {name} feel?",
        "{name} {what}. How do you think {name} feels?",
        "{name} {what}. What is the feeling of {name}?",
        "{name} {what}. Which feeling does {name} have?",
        "{name} {what}. Can you guess how {name} feels?",
        "{name} {what}. How is {name} feeling?",
        "{name} {what}. What mood is {name} in?",
    ),
    zh=(
        "{name}{what}[，|。]{name}[感觉怎么样|心情怎么样|有什么感觉|心情如何]？",
        "{name}{what}，这会让{name}有什么感受？",
        "{name}{what}，{name}会是什么心情？",
        "如果{name}{what}，{name}会有什么感觉？",
        "{name}{what}时，心情怎么样？",
        "{name}{what}，你觉得{name}是什么心情？",
        "{name}{what}，你猜{name}心情如何？",
        "{name}{what}，这时{name}觉得怎么样？",
        "{name}{what}的时候会有什么感觉？",
        "{name}{what}，{name}的心情怎么样？",
        "{name}{what}，{name}现在是什么感受？",
    ),
)
# {feeling: what happens}, in each language; other words for the feeling after a stroke.
_HAPPENINGS: dict[Lang, dict[str, tuple[str, ...]]] = {
    "en": {
        "happy|glad|pleased|joyful": (
            "got a present",
            "met an old friend",
            "is playing with a puppy",
            "heard good news",
            "is going on holiday",
        ),
        "sad|unhappy|upset": (
            "lost a dog",
            "lost a toy",
            "said goodbye to a friend",
            "heard sad news",
            "failed the exam",
        ),
        "afraid|scared|frightened": (
            "saw a snake",
            "heard a strange noise at night",
            "is alone in a dark forest",
            "met a bear",
            "had a bad dream",
        ),
        "angry|annoyed|mad": (
            "was cheated",
            "was pushed by someone",
            "found a broken window",
            "waited two hours for nothing",
            "was called a liar",
        ),
        "tired|exhausted": (
            "worked all night",
            "ran ten miles",
            "did not sleep",
            "carried heavy boxes all day",
            "climbed a high mountain",
        ),
        "surprised|amazed": (
            "opened the door and saw a horse",
            "got a call from the king",
            "found gold in the garden",
            "saw a dog that can sing",
            "got a letter after ten years",
        ),
        "proud": (
            "won the race",
            "finished a long book",
            "built a house alone",
            "got the best mark",
            "learned to swim at last",
        ),
        "lonely|alone": (
            "has no friends nearby",
            "spends every evening alone",
            "moved to a town without friends",
            "eats lunch alone every day",
            "has nobody to talk to",
        ),
        "nervous|worried|anxious": (
            "has an exam tomorrow",
            "must speak in front of many people",
            "is waiting for the test result",
            "starts a new job today",
            "is waiting at the dentist",
        ),
        "bored": (
            "has nothing to do",
            "is watching a dull film",
            "has waited in line for an hour",
            "hears the same story again",
            "sits in a very long meeting",
        ),
    },
    "zh": {
        "高兴|开心|快乐": ("收到了礼物", "见到了老朋友", "在和小狗玩", "听到了好消息", "要去旅行了"),
        "难过|伤心|悲伤": ("丢了小狗", "弄丢了心爱的玩具", "和好朋友分别了", "听到了坏消息", "考试没有通过"),
        "害怕|恐惧": ("看到了一条蛇", "半夜听到奇怪的声音", "一个人在黑暗的森林里", "遇到了一头熊", "做了噩梦"),
        "生气|愤怒": ("被人骗了", "被人推了一下", "发现窗户被打破了", "白白等了两个小时", "被人冤枉了"),
        "累|疲惫|疲劳": ("工作了一整夜", "跑了十公里", "一夜没睡", "搬了一天箱子", "爬上了一座高山"),
        "惊讶|吃惊": (
            "打开门看见一匹马",
            "接到了国王的电话",
            "在花园里挖到了金子",
            "看到一只会唱歌的狗",
            "十年后收到了一封信",
        ),
        "自豪|骄傲": ("赢了比赛", "读完了一本很厚的书", "自己盖了一座房子", "得了第一名", "终于学会了游泳"),
        "孤单|孤独|寂寞": (
            "身边没有朋友",
            "每天晚上都是一个人",
            "搬到了陌生的城市",
            "每天一个人吃午饭",
            "没有人可以说话",
        ),
        "紧张|担心|焦虑": ("明天有考试", "要在很多人面前讲话", "在等考试成绩", "今天第一天上班", "在等着看牙医"),
        "无聊": (
            "没有事情可做",
            "在看一部没意思的电影",
            "排队排了一个小时",
            "又听了一遍同样的故事",
            "在开一个很长的会",
        ),
    },
}
_ANSWER: dict[Lang, str] = {"en": "{name} feels {feeling}.", "zh": "{name}会觉得{feeling}。"}
_CASES: dict[Lang, tuple[tuple[tuple[str, ...], str], ...]] = {
    lang: tuple((tuple(words.split("|")), what) for words, whats in table.items() for what in whats)
    for lang, table in _HAPPENINGS.items()
}


def draw(rng: Random, lang: Lang) -> Item:
    feelings, what = rng.choice(_CASES[lang])
    (name,), _ = draw_names(rng, lang, 1, held_out=False)
    question, phrasing = _ASK.draw(rng, lang, name=name, what=what)
    key = f"{what} {phrasing}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, _ANSWER[lang].format(name=name, feeling=feelings[0])),
        accept=feelings,
        key=key,
        held_out=unseen(NAME, key),
    )


check = mentions_only(word for cases in _CASES.values() for feelings, _ in cases for word in feelings)

skill = Skill(name=NAME, draw=draw, check=check, weight=1.0)
