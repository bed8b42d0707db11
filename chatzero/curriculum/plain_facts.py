"""What everyday things are like, and what for: a table of facts by topic, in both languages.

A fact is `thing=value`, with other right values after a stroke. Not here: questions (`skills.properties`).
"""

import re
from typing import NamedTuple

from chatzero.curriculum.skill import Lang


class PlainFact(NamedTuple):
    """A thing, with its article in English, and its values: the one we teach first."""

    thing: str
    values: tuple[str, ...]


_TABLE: dict[str, tuple[str, str]] = {
    "colour": (
        """grass=green, the sky=blue, snow=white, coal=black, blood=red, a banana=yellow, a ripe tomato=red, milk=white,
        the sea=blue, a crow=black, a panda=black and white, a leaf=green, a carrot=orange, chocolate=brown,
        an elephant=grey|gray, cotton=white, a frog=green, a fire engine=red, a lemon=yellow, a cloud=white""",
        """草=绿色|绿, 天空=蓝色|蓝, 雪=白色|白, 煤=黑色|黑, 血=红色|红, 香蕉=黄色|黄, 成熟的西红柿=红色|红,
        牛奶=白色|白, 大海=蓝色|蓝, 乌鸦=黑色|黑, 熊猫=黑白, 树叶=绿色|绿, 胡萝卜=橙色|橙, 巧克力=棕色|褐色,
        大象=灰色|灰, 棉花=白色|白, 青蛙=绿色|绿, 消防车=红色|红, 柠檬=黄色|黄, 云=白色|白""",
    ),
    "warmth": (
        """ice=cold, fire=hot, snow=cold, boiling water=hot, the sun=hot, winter=cold, summer=hot, ice cream=cold,
        an oven=hot, the North Pole=cold""",
        "冰=冷|凉, 火=热|烫, 雪=冷|凉, 开水=热|烫, 太阳=热|烫, 冬天=冷, 夏天=热, 冰淇淋=冷|凉, 火炉=热|烫, 北极=冷",
    ),
    "taste": (
        """sugar=sweet, a lemon=sour, salt=salty, honey=sweet, candy=sweet, vinegar=sour, sea water=salty,
        coffee=bitter, medicine=bitter, a chilli=spicy|hot""",
        "糖=甜, 柠檬=酸, 盐=咸, 蜂蜜=甜, 糖果=甜, 醋=酸, 海水=咸, 咖啡=苦, 药=苦, 辣椒=辣",
    ),
    "size": (
        """an elephant=big|large, an ant=small, a whale=big|large, a mouse=small, a bee=small, a mountain=big|large""",
        "大象=很大|大的, 蚂蚁=很小|小的, 鲸鱼=很大|大的, 老鼠=很小|小的, 蜜蜂=很小|小的, 高山=很大|大的",
    ),
    "speed": (
        "a rocket=fast, a snail=slow, a plane=fast, a turtle=slow, a racing car=fast, a train=fast",
        "火箭=很快|快的, 蜗牛=很慢|慢的, 飞机=很快|快的, 乌龟=很慢|慢的, 赛车=很快|快的, 火车=很快|快的",
    ),
    "weight": (
        "a feather=light, iron=heavy, a truck=heavy, a balloon=light, a sheet of paper=light, a ship=heavy",
        "羽毛=很轻|轻的, 铁=很重|重的, 卡车=很重|重的, 气球=很轻|轻的, 一张纸=很轻|轻的, 轮船=很重|重的",
    ),
    "hardness": (
        "a stone=hard, cotton=soft, iron=hard, a pillow=soft, a diamond=hard, wool=soft, glass=hard",
        "石头=很硬|硬的, 棉花=很软|软的, 铁=很硬|硬的, 枕头=很软|软的, 钻石=很硬|硬的, 羊毛=很软|软的, 玻璃=很硬|硬的",
    ),
    "legs": (
        """a dog=four legs|4 legs, a cat=four legs|4 legs, a cow=four legs|4 legs, a horse=four legs|4 legs,
        a bird=two legs|2 legs, a hen=two legs|2 legs, a person=two legs|2 legs, an ant=six legs|6 legs,
        a bee=six legs|6 legs, a snake=no legs, a fish=no legs""",
        """狗=有四条腿|四条腿|4条腿, 猫=有四条腿|四条腿|4条腿, 牛=有四条腿|四条腿|4条腿, 马=有四条腿|四条腿|4条腿,
        鸟=有两条腿|两条腿|2条腿, 鸡=有两条腿|两条腿|2条腿, 人=有两条腿|两条腿|2条腿, 蚂蚁=有六条腿|六条腿|6条腿,
        蜜蜂=有六条腿|六条腿|6条腿, 蛇=没有腿, 鱼=没有腿""",
    ),
    "food": (
        """a cow=eats grass, a rabbit=eats carrots, a monkey=eats bananas, a lion=eats meat, a sheep=eats grass,
        a cat=eats fish, a dog=eats bones, a horse=eats grass, a tiger=eats meat, a frog=eats insects""",
        "牛=吃草, 兔子=吃胡萝卜, 猴子=吃香蕉, 狮子=吃肉, 羊=吃草, 猫=吃鱼, 狗=吃骨头, 马=吃草, 老虎=吃肉, 青蛙=吃虫子",
    ),
    "use": (
        """a pen=writing, a knife=cutting, an umbrella=keeping off the rain, a cup=drinking, a bed=sleeping,
        a chair=sitting, a key=opening doors, a clock=telling the time, a phone=calling people, a broom=sweeping,
        soap=washing, a lamp=giving light, a toothbrush=cleaning teeth, a camera=taking photos, a spoon=eating soup""",
        """笔=写字, 刀=切东西, 雨伞=挡雨, 杯子=喝水, 床=睡觉, 椅子=坐, 钥匙=开门, 钟=看时间, 电话=打电话, 扫帚=扫地,
        肥皂=洗手, 台灯=照明, 牙刷=刷牙, 照相机=拍照, 勺子=喝汤""",
    ),
}


def _facts(table: str) -> tuple[PlainFact, ...]:
    pairs = (fact.split("=") for fact in re.split(r",\s+", table))
    return tuple(PlainFact(thing, tuple(values.split("|"))) for thing, values in pairs)


FACTS: dict[str, dict[Lang, tuple[PlainFact, ...]]] = {
    topic: {"en": _facts(en), "zh": _facts(zh)} for topic, (en, zh) in _TABLE.items()
}
