"""The closed lists of short common words whose letters and characters the model learns.

Closed, because a tokenizer hides the letters of a word: what c-a-t spells can be learnt for words that were seen,
not guessed for others. The longer words and phrases at the end are for spelling alone.
"""

from chatzero.language import Lang


def words_of(text: str) -> tuple[str, ...]:
    """The words of a list written as one string."""
    return tuple(text.split())


SHORT_WORDS: dict[Lang, tuple[str, ...]] = {
    "en": words_of(
        "cat dog sun cup hat pen box bed bus car key map egg bag bee cow fox pig fish bird tree book milk cake lamp "
        "door moon star rain snow boat ball desk hand ring shoe rice duck fire king apple bread chair clock house "
        "horse music table tiger water"
    ),
    "zh": words_of(
        "苹果 香蕉 西瓜 葡萄 橘子 草莓 鸡蛋 牛奶 面包 米饭 饼干 糖果 茶杯 桌子 椅子 窗户 书包 铅笔 雨伞 帽子 鞋子 "
        "袜子 小猫 小狗 小鸟 兔子 老虎 狮子 大象 猴子 熊猫 金鱼 青蛙 太阳 月亮 星星 白云 大树 花朵 高山 石头 火车 "
        "汽车 飞机 学校 公园 医院 钥匙 足球 气球"
    ),
}
LONGER_WORDS: dict[Lang, tuple[str, ...]] = {
    "en": words_of("hello world love good happy school teacher student friend family mother father banana flower"),
    "zh": words_of("学习 朋友 老师 学生 中国 北京 快乐 图书馆 自行车 机器人 冰淇淋 生日快乐 新年快乐 好好学习"),
}
SPELLING_WORDS: dict[Lang, tuple[str, ...]] = {
    "en": SHORT_WORDS["en"] + LONGER_WORDS["en"],
    "zh": SHORT_WORDS["zh"] + LONGER_WORDS["zh"],
}
