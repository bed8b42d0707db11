"""The one table of everyday words, English and Chinese side by side; every skill about words draws from it.

A line of the table is one kind of thing, a word of it is `english 中文 measure-word english-form`: the form is the
plural of a noun or the past tense of a verb where the rule does not give it, `-` for a noun without a plural. `_`
stands for a space, and `/` separates a translation from others that are right too (the first is the one we teach).
Not here: sentences (`sentences`), names (`names`).
"""

import re
from dataclasses import dataclass

from chatzero.language import Lang

_TABLE = {
    "animal": """cat 猫 只, dog 狗 只, bird 鸟 只, fish 鱼 条 fish, horse 马 匹, cow 牛 头, sheep 羊/绵羊 只 sheep,
        pig 猪 头, duck 鸭子/鸭 只, rabbit 兔子/兔 只, mouse/rat 老鼠 只 mice, monkey 猴子/猴 只, tiger 老虎/虎 只,
        lion 狮子 头, elephant 大象/象 头, panda 熊猫 只, bear 熊 头, snake 蛇 条, frog 青蛙 只""",
    "fruit": """apple 苹果 个, banana 香蕉 根, orange 橙子/橘子 个, pear 梨/梨子 个, peach 桃子/桃 个,
        grape 葡萄 颗, lemon 柠檬 个, watermelon 西瓜 个, strawberry 草莓 颗 strawberries, mango 芒果 个 mangoes,
        cherry 樱桃 颗 cherries, pineapple 菠萝 个""",
    "vegetable": """carrot 胡萝卜 根, potato 土豆/马铃薯 个 potatoes, onion 洋葱 个, cucumber 黄瓜 根,
        cabbage 白菜/卷心菜 棵, pumpkin 南瓜 个""",
    "food": """bread 面包 个 -, rice 米饭 碗 -, noodles 面条 碗 -, egg 鸡蛋/蛋 个, cake 蛋糕 块,
        meat 肉 块 -, dumpling 饺子 个""",
    "drink": "tea 茶 杯 -, coffee 咖啡 杯 -, milk 牛奶 杯 -, juice 果汁 杯 -",
    "colour": """red 红色/红, blue 蓝色/蓝, green 绿色/绿, yellow 黄色/黄, black 黑色/黑, white 白色/白,
        purple 紫色/紫, pink 粉色/粉红色, brown 棕色, grey/gray 灰色/灰""",
    "body part": """head 头 个, hand 手 只, foot 脚 只 feet, eye 眼睛 只, ear 耳朵 只, nose 鼻子 个, mouth 嘴/嘴巴 张,
        tooth 牙齿/牙 颗 teeth, leg 腿 条, arm 胳膊/手臂 条""",
    "person": """mother/mom/mum 妈妈/母亲 位, father/dad 爸爸/父亲 位, child 孩子/小孩 个 children,
        friend 朋友 位, teacher 老师 位, student 学生 名, doctor 医生 位, nurse 护士 名, cook/chef 厨师 名,
        farmer 农民 位, singer 歌手 名""",
    "clothing": """shirt 衬衫/衬衣 件, coat 外套/大衣 件, hat 帽子 顶, shoe 鞋/鞋子 只, sock 袜子 只, skirt 裙子 条,
        glove 手套 只, scarf 围巾 条 scarves, sweater 毛衣 件""",
    "furniture": "table 桌子 张, chair 椅子 把, bed 床 张, sofa 沙发 张, desk 书桌 张",
    "vehicle": """car 汽车/小汽车/车 辆, bus 公交车/公共汽车 辆 buses, train 火车 列, bicycle/bike 自行车 辆,
        plane/airplane 飞机 架, boat 船/小船 条, taxi 出租车 辆""",
    "place": """school 学校 所, park 公园 个, hospital 医院 家, library 图书馆 个 libraries, shop/store 商店 家,
        beach 海滩 片 beaches, museum 博物馆 座, restaurant 餐厅/餐馆/饭馆 家, airport 机场 座, bank 银行 家,
        zoo 动物园 个, city 城市 座 cities, home 家 -""",
    "nature": """water 水 杯 -, sun 太阳 个, moon 月亮 个, star 星星 颗, sky 天空/天 片 -, tree 树 棵, flower 花 朵,
        grass 草 棵 -, river 河/河流 条, mountain 山 座, sea 大海/海 片, rain 雨 场 -, snow 雪 场 -, wind 风 阵 -,
        cloud 云 朵""",
    "instrument": "piano 钢琴 架, guitar 吉他 把, violin 小提琴 把, drum 鼓 面",
    "sport": """football/soccer 足球, basketball 篮球, tennis 网球, running 跑步,
        table_tennis/ping-pong 乒乓球, badminton 羽毛球""",
    "thing": """book 书 本, pen 笔/钢笔 支, pencil 铅笔 支, paper 纸 张 -, letter 信 封,
        phone 手机/电话 部, computer 电脑 台, clock 钟/时钟 座, door 门 扇, window 窗户/窗 扇, key 钥匙 把,
        cup 杯子 个, knife 刀 把 knives, spoon 勺子 把, bowl 碗 个, umbrella 雨伞/伞 把, bag 包 个, box 盒子 个 boxes,
        money 钱 -, picture 画/图画 幅, toy 玩具 个, ball 球 个, house 房子 座, music 音乐 -""",
    "time": """today 今天, tomorrow 明天, yesterday 昨天, morning 早上/早晨/上午, evening 晚上, night 夜晚/晚上,
        spring 春天, summer 夏天, autumn/fall 秋天, winter 冬天, year 年""",
    "number": "one 一, two 二/两, three 三, four 四, five 五, six 六, seven 七, eight 八, nine 九, ten 十",
    "verb": """eat 吃 ate, drink 喝 drank, run 跑 ran, walk 走/走路, sleep 睡觉/睡 slept, read 读/阅读 read,
        write 写 wrote, sing 唱歌/唱 sang, dance 跳舞, swim 游泳 swam, fly 飞 flew, jump 跳, buy 买 bought,
        sell 卖 sold, open 打开/开, close 关闭/关, love 爱, like 喜欢, think 想 thought,
        speak 说/讲/说话 spoke, listen 听, look 看, cry 哭 cried, laugh 笑, work 工作, play 玩, teach 教 taught,
        learn 学习/学, help 帮助/帮, wait 等/等待, wash 洗, give 给 gave, find 找到 found, ask 问, answer 回答,
        sit 坐 sat, stand 站 stood, come 来 came, go 去 went, see 看见/看到 saw""",
    "quality": """big/large 大, small/little 小, hot 热, cold 冷, tall 高, long 长, short 短/矮, new 新, old 旧/老,
        fast 快, slow 慢, happy 高兴/快乐, sad 难过/伤心, clean 干净, dirty 脏, beautiful 美丽/漂亮, good 好, bad 坏,
        hungry 饿, tired 累, busy 忙, expensive 贵, cheap 便宜, sweet 甜, young 年轻""",
    "phrase": """hello/hi 你好, thank_you/thanks 谢谢/谢谢你, goodbye/bye 再见, sorry 对不起, good_morning 早上好/早安,
        good_night 晚安, happy_birthday 生日快乐, happy_new_year 新年快乐, welcome 欢迎, I_love_you 我爱你,
        how_are_you 你好吗, nice_to_meet_you 很高兴认识你""",
}


@dataclass(frozen=True, slots=True)
class Word:
    """One word in both languages. `form` is the English plural of a noun or past tense of a verb, or empty."""

    en: str
    zh: str
    kind: str
    measure: str
    form: str
    also_en: tuple[str, ...]
    also_zh: tuple[str, ...]

    def text(self, lang: Lang) -> str:
        return self.en if lang == "en" else self.zh

    def accepted(self, lang: Lang) -> tuple[str, ...]:
        """The word in that language, and the other words that are as good."""
        return (self.en, *self.also_en) if lang == "en" else (self.zh, *self.also_zh)

    @property
    def countable(self) -> bool:
        return bool(self.form) and self.kind != "verb"

    @property
    def with_article(self) -> str:
        """'an apple', 'tea'."""
        return f"{article(self.en)} {self.en}" if self.countable else self.en


def article(word: str) -> str:
    """'a' or 'an', by the sound that the words of our table and made-up names begin with."""
    return "an" if word[0].lower() in "aeiou" else "a"


def _regular_plural(noun: str) -> str:
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


def _regular_past(verb: str) -> str:
    return verb + ("d" if verb.endswith("e") else "ed")


def _word(kind: str, written: str) -> Word:
    en, zh, *rest = written.split()
    measure = rest[0] if rest and not rest[0].isascii() else ""
    irregular = rest[-1] if rest and rest[-1].isascii() else ""
    first_en, *also_en = en.replace("_", " ").split("/")
    first_zh, *also_zh = zh.split("/")
    form = "" if irregular == "-" else irregular
    if not irregular and measure:
        form = _regular_plural(first_en)
    if not irregular and kind == "verb":
        form = _regular_past(first_en)
    return Word(first_en, first_zh, kind, measure, form, tuple(also_en), tuple(also_zh))


WORDS: tuple[Word, ...] = tuple(
    _word(kind, written) for kind, line in _TABLE.items() for written in re.split(r",\s+", line)
)
BY_KIND: dict[str, tuple[Word, ...]] = {kind: tuple(word for word in WORDS if word.kind == kind) for kind in _TABLE}
# Keyed by English word and kind, for "orange", "cook" and "answer" may each be two things.
BY_ENGLISH: dict[str, Word] = {word.en: word for word in reversed(WORDS)}


# Opposites: `first second`, with other right answers after a slash. A word may stand in several pairs: the first one
# is what we teach, the others are accepted too.
_OPPOSITES: dict[Lang, str] = {
    "en": """hot cold/cool, big/large small/little, tall short, long short, new old, fast/quick slow, happy sad/unhappy,
        clean dirty, good bad/evil, young old, hard/tough soft/easy, easy hard/difficult, heavy light, light dark/heavy,
        strong weak, rich poor, early late, near far, high low, open closed/close/shut, full empty, wet dry, day night,
        up down, left right, in out, front back, black white, love hate, buy sell, begin end/finish, win lose,
        laugh cry, come go, loud/noisy quiet, safe dangerous, cheap expensive, true false, right wrong/left,
        beautiful ugly, inside outside, before after""",
    "zh": """大 小, 热 冷/凉, 高 低/矮, 长 短, 新 旧, 快 慢, 高兴/快乐 难过/伤心/悲伤, 干净 脏, 好 坏, 多 少, 胖 瘦,
        远 近, 早 晚/迟, 轻 重, 软 硬, 深 浅, 宽 窄, 厚 薄, 强 弱, 贵 便宜, 安静 吵闹, 简单 复杂/困难, 美丽 丑陋, 真 假,
        对 错, 上 下, 左 右, 前 后, 里 外, 黑 白, 买 卖, 进 出, 来 去, 哭 笑, 赢 输, 开始 结束, 白天 黑夜/晚上/夜晚,
        成功 失败, 聪明 愚笨/笨, 安全 危险, 开 关, 富 穷/贫""",
}


def _opposites(table: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for pair in re.split(r",\s+", table):
        first, second = (tuple(side.split("/")) for side in pair.split())
        found[first[0]] = tuple(dict.fromkeys((*found.get(first[0], ()), *second)))
        found[second[0]] = tuple(dict.fromkeys((*found.get(second[0], ()), *first)))
    return found


# {word: its opposites, the one we teach first}
OPPOSITES: dict[Lang, dict[str, tuple[str, ...]]] = {
    "en": _opposites(_OPPOSITES["en"]),
    "zh": _opposites(_OPPOSITES["zh"]),
}
