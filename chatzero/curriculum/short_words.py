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
        "cat dog sun cup hat pen box bed bus car key map egg bag ant bee cow fox hen pig fish bird tree book milk "
        "cake lamp door moon star rain snow boat ball desk hand ring shoe sock rice frog duck leaf wind fire road "
        "king kite apple bread chair clock cloud house horse mouse grape light lemon music night paper plant "
        "river smile stone table tiger train water"
    ),
    "zh": words_of(
        "苹果 香蕉 西瓜 葡萄 橘子 桃子 草莓 鸡蛋 牛奶 面包 米饭 面条 饼干 糖果 茶杯 筷子 桌子 椅子 窗户 台灯 书包 "
        "铅笔 橡皮 尺子 雨伞 帽子 鞋子 袜子 手套 小猫 小狗 小鸟 兔子 老虎 狮子 大象 猴子 熊猫 金鱼 青蛙 蝴蝶 蜜蜂 "
        "公鸡 绵羊 太阳 月亮 星星 白云 大树 小草 花朵 河流 高山 石头 沙滩 火车 汽车 飞机 轮船 房子 学校 公园 商店 "
        "医院 钥匙 镜子 牙刷 毛巾 足球 气球 风筝 钢琴"
    ),
}
LONGER_WORDS: dict[Lang, tuple[str, ...]] = {
    "en": words_of(
        "hello world love good happy green white school teacher student friend family mother father banana orange "
        "flower summer winter spring"
    ),
    "zh": words_of(
        "学习 朋友 老师 学生 中国 北京 上海 快乐 图书馆 自行车 电视机 火车站 向日葵 机器人 运动会 冰淇淋 生日快乐 "
        "新年快乐 好好学习 天天向上 一心一意 万事如意"
    ),
}
SPELLING_WORDS: dict[Lang, tuple[str, ...]] = {
    "en": SHORT_WORDS["en"] + LONGER_WORDS["en"],
    "zh": SHORT_WORDS["zh"] + LONGER_WORDS["zh"],
}
