"""Facts a person may tell about themselves: the ways to tell each, to ask for it, and to answer. A table.

Not here: how a conversation is made of them (`skills.remember_fact`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import get_args

from chatzero.curriculum.names import draw_names
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Lang

Value = Callable[[Random, Lang], str]


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


# Long lists: of ten colours a model learns which is likely, of a hundred cities it must copy the one it was told.
_COLOURS: dict[Lang, tuple[str, ...]] = {
    "en": _split(
        "red,blue,green,yellow,black,white,purple,pink,brown,grey,orange,gold,silver,beige,turquoise,navy,cream,"
        "violet,maroon,teal,lilac,copper,ivory,scarlet,amber,crimson,indigo,bronze,lavender,mint"
    ),
    "zh": _split(
        "红色,蓝色,绿色,黄色,黑色,白色,紫色,粉色,棕色,灰色,橙色,金色,银色,米色,青色,天蓝色,墨绿色,深红色,咖啡色,杏色,玫红色,藏青色,酒红色,浅蓝色,深灰色,淡黄色,草绿色,奶白色,土黄色,"
        "淡紫色"
    ),
}
_ANIMALS: dict[Lang, tuple[str, ...]] = {
    "en": _split(
        "cat,dog,bird,horse,cow,sheep,pig,duck,rabbit,mouse,monkey,tiger,lion,elephant,panda,bear,snake,frog,"
        "wolf,fox,deer,giraffe,zebra,camel,dolphin,whale,shark,penguin,owl,eagle,swan,parrot,peacock,turtle,"
        "crocodile,squirrel,hedgehog,kangaroo,koala,leopard,hippo,rhino,donkey,goat,otter,seal,crab,octopus,"
        "butterfly,bee,ladybird,lizard,crow,goose,beaver,badger"
    ),
    "zh": _split(
        "猫,狗,马,牛,羊,猪,鸭子,兔子,老鼠,猴子,老虎,狮子,大象,熊猫,熊,蛇,青蛙,狼,狐狸,鹿,长颈鹿,斑马,骆驼,海豚,鲸鱼,鲨鱼,企鹅,猫头鹰,老鹰,天鹅,鹦鹉,孔雀,乌龟,鳄鱼,松鼠,刺猬,"
        "袋鼠,考拉,豹子,河马,犀牛,驴,水獭,海豹,螃蟹,章鱼,蝴蝶,蜜蜂,壁虎,乌鸦,大雁,燕子,喜鹊,金丝猴,小熊猫,仙鹤"
    ),
}
_FRUITS: dict[Lang, tuple[str, ...]] = {
    "en": _split(
        "apple,banana,orange,pear,peach,grape,lemon,watermelon,strawberry,mango,cherry,pineapple,plum,kiwi,melon,"
        "fig,lychee,papaya,coconut,apricot,blueberry,raspberry,blackberry,pomegranate,grapefruit,lime,guava,"
        "persimmon,date,cranberry"
    ),
    "zh": _split(
        "苹果,香蕉,橙子,梨,桃子,葡萄,柠檬,西瓜,草莓,芒果,樱桃,菠萝,李子,猕猴桃,哈密瓜,无花果,荔枝,木瓜,椰子,杏子,蓝莓,树莓,石榴,柚子,柿子,龙眼,山竹,榴莲,杨梅,枇杷,火龙果,橘子,"
        "红枣,百香果"
    ),
}
_DRINKS: dict[Lang, tuple[str, ...]] = {
    "en": _split(
        "tea,coffee,milk,juice,water,lemonade,cocoa,cola,soda,ginger beer,hot chocolate,milkshake,smoothie,espresso,"
        "cappuccino,latte,mocha,eggnog,buttermilk,oolong,matcha,cider,lassi,sherbet,horchata,kefir,tonic,rooibos"
    ),
    "zh": _split(
        "茶,咖啡,牛奶,果汁,可乐,豆浆,酸奶,柠檬水,绿茶,红茶,奶茶,苹果汁,橙汁,椰子水,汽水,热可可,蜂蜜水,酸梅汤,菊花茶,乌龙茶,西瓜汁,普洱茶,凉茶,姜茶,杏仁露,矿泉水"
    ),
}
_FOODS: dict[Lang, tuple[str, ...]] = {
    "en": _split(
        "bread,rice,noodles,cake,dumplings,pizza,pasta,soup,salad,cheese,sushi,curry,pancakes,tofu,beans,fish,"
        "chicken,potatoes,carrots,mushrooms,tomatoes,onions,cucumber,cabbage,pumpkin,spinach,corn,yogurt,"
        "ice cream,chocolate,cookies,sausages,porridge,omelette,burgers,sandwiches,tacos,lasagna,steak,shrimp,"
        "broccoli,peas,honey,jam,popcorn,spring rolls,hot pot,waffles,roast duck"
    ),
    "zh": _split(
        "面包,米饭,面条,蛋糕,饺子,披萨,意大利面,鸡汤,沙拉,奶酪,寿司,咖喱,煎饼,豆腐,鱼,炸鸡,土豆,胡萝卜,蘑菇,西红柿,洋葱,黄瓜,白菜,南瓜,菠菜,玉米,馄饨,火锅,烤鸭,包子,馒头,粽子,"
        "月饼,汤圆,春卷,炒饭,红烧肉,糖醋排骨,麻婆豆腐,鱼香肉丝,宫保鸡丁,米粉,凉皮,肉夹馍,豆角,茄子,冰淇淋,巧克力,煎鸡蛋,排骨汤,小笼包,烧烤"
    ),
}
_SPORTS: dict[Lang, tuple[str, ...]] = {
    "en": _split(
        "football,basketball,tennis,running,snooker,badminton,swimming,volleyball,cycling,skiing,skating,"
        "boxing,judo,golf,rugby,cricket,baseball,hockey,rowing,surfing,climbing,archery,fencing,karate,handball,"
        "diving,sailing,yoga,gymnastics,wrestling"
    ),
    "zh": _split(
        "足球,篮球,网球,跑步,乒乓球,羽毛球,游泳,排球,骑车,滑雪,滑冰,拳击,柔道,高尔夫,橄榄球,棒球,冰球,划船,冲浪,攀岩,射箭,击剑,空手道,手球,跳水,帆船,瑜伽,体操,摔跤,太极拳,跳绳,"
        "马拉松,跳远,武术"
    ),
}
_CITIES: dict[Lang, tuple[str, ...]] = {
    "en": _split(
        "Beijing,Shanghai,Hangzhou,Xian,Chengdu,London,Paris,Rome,Berlin,Madrid,Oslo,Vienna,Cairo,Tokyo,Seoul,"
        "Boston,Chicago,Toronto,Sydney,Lima,Athens,Dublin,Prague,Moscow,New York,Shenzhen,Wuhan,Nanjing,Suzhou,"
        "Tianjin,Qingdao,Kunming,Xiamen,Dalian,Lhasa,Harbin,Guangzhou,Hong Kong,Macau,Taipei,Kyoto,Osaka,Busan,"
        "Bangkok,Hanoi,Manila,Jakarta,Singapore,Delhi,Mumbai,Karachi,Dhaka,Kathmandu,Tehran,Baghdad,Istanbul,"
        "Ankara,Amman,Beirut,Jerusalem,Dubai,Nairobi,Lagos,Accra,Tunis,Rabat,Cape Town,Lisbon,Porto,Barcelona,"
        "Valencia,Seville,Lyon,Nice,Marseille,Geneva,Zurich,Basel,Munich,Hamburg,Cologne,Dresden,Warsaw,Krakow,"
        "Budapest,Bucharest,Sofia,Belgrade,Zagreb,Helsinki,Stockholm,Copenhagen,Bergen,Brussels,Ghent,Amsterdam,"
        "Rotterdam,Milan,Venice,Florence,Naples,Turin,Edinburgh,Glasgow,Liverpool,Manchester,Leeds,Bristol,"
        "Oxford,Cambridge,Cardiff,Belfast,Montreal,Ottawa,Vancouver,Seattle,Portland,Denver,Dallas,Houston,"
        "Austin,Miami,Atlanta,Detroit,Havana,Bogota,Quito,Caracas,Santiago,Brasilia,Perth,Brisbane,Melbourne,"
        "Auckland,Wellington"
    ),
    "zh": _split(
        "北京,上海,杭州,西安,成都,广州,深圳,武汉,南京,重庆,苏州,天津,青岛,长沙,昆明,厦门,大连,拉萨,哈尔滨,伦敦,巴黎,东京,纽约,悉尼,香港,澳门,台北,福州,泉州,宁波,温州,绍兴,嘉兴,"
        "无锡,常州,扬州,徐州,合肥,芜湖,南昌,九江,济南,烟台,威海,郑州,洛阳,开封,太原,大同,石家庄,保定,唐山,沈阳,长春,吉林,呼和浩特,包头,兰州,西宁,银川,乌鲁木齐,贵阳,遵义,南宁,"
        "桂林,海口,三亚,珠海,东莞,佛山,汕头,中山,大理,丽江,绵阳,宜昌,岳阳,株洲,赣州,延安,宝鸡,敦煌,首尔,曼谷,河内,新加坡,雅加达,马尼拉,德里,孟买,开罗,罗马,米兰,柏林,慕尼黑,汉堡,"
        "维也纳,马德里,里斯本,雅典,莫斯科,华沙,布拉格,布达佩斯,奥斯陆,都柏林,爱丁堡,多伦多,温哥华,波士顿,芝加哥,西雅图,洛杉矶,旧金山,墨尔本,惠灵顿,京都,大阪"
    ),
}
_HOBBIES: dict[Lang, tuple[str, ...]] = {
    "en": _split(
        "reading,painting,cooking,dancing,singing,fishing,chess,running,swimming,hiking,gardening,drawing,"
        "writing,baking,cycling,sewing,knitting,photography,camping,sailing,skating,skiing,climbing,pottery,"
        "juggling,magic,surfing,travelling,birdwatching,stargazing,collecting stamps,playing the guitar,"
        "playing the piano,listening to music,watching films,learning languages,yoga,origami,woodwork,"
        "horse riding,calligraphy"
    ),
    "zh": _split(
        "看书,画画,做饭,跳舞,唱歌,钓鱼,下棋,跑步,游泳,爬山,摄影,书法,写作,烘焙,骑车,缝纫,编织,露营,滑冰,滑雪,攀岩,陶艺,变魔术,旅行,观鸟,看星星,集邮,弹吉他,弹钢琴,听音乐,看电影,"
        "学外语,练瑜伽,折纸,做木工,骑马,打乒乓球,种花,养鱼,打太极,拉二胡,吹笛子,玩拼图,写诗,剪纸"
    ),
}
_PETS: dict[Lang, tuple[str, ...]] = {
    "en": _split(
        "cat,dog,bird,rabbit,fish,snake,mouse,frog,duck,horse,parrot,turtle,hamster,goat,lizard,canary,pony,hen,"
        "goose,gerbil,ferret,puppy,kitten,goldfish,pig,snail,crab,hedgehog,donkey,sheep,pigeon,iguana"
    ),
    "zh": _split(
        "猫,狗,小鸟,兔子,金鱼,蛇,仓鼠,青蛙,鸭子,马,鹦鹉,乌龟,羊,蜥蜴,金丝雀,小马,母鸡,大鹅,豚鼠,小猪,蜗牛,螃蟹,刺猬,鸽子,龙猫,松鼠,八哥,蚕宝宝,热带鱼,小鸡,蝈蝈,画眉"
    ),
}
_JOBS: dict[Lang, tuple[str, ...]] = {
    "en": _split(
        "teacher,student,doctor,nurse,cook,farmer,singer,driver,writer,painter,lawyer,pilot,baker,builder,"
        "butcher,carpenter,cleaner,coach,dancer,dentist,designer,detective,director,drummer,florist,gardener,"
        "guide,hairdresser,judge,librarian,manager,mechanic,musician,photographer,plumber,poet,policeman,porter,"
        "postman,programmer,reporter,sailor,salesman,scientist,secretary,shopkeeper,soldier,surgeon,tailor,"
        "translator,vet,waiter,welder,zookeeper,firefighter,banker"
    ),
    "zh": _split(
        "老师,学生,医生,护士,厨师,农民,歌手,司机,作家,画家,律师,飞行员,面包师,建筑师,木匠,清洁工,教练,舞蹈演员,牙医,设计师,侦探,导演,鼓手,花匠,园丁,导游,理发师,法官,图书管理员,"
        "经理,修理工,音乐家,摄影师,水管工,诗人,警察,邮递员,程序员,记者,水手,销售员,科学家,秘书,店主,军人,裁缝,翻译,兽医,服务员,电焊工,饲养员,消防员,会计,快递员,工程师,保安"
    ),
}

# Every value of the lists, for other skills to say: a word never said could only be spelt out, piece by piece.
VALUES: dict[Lang, tuple[str, ...]] = {
    lang: tuple(
        dict.fromkeys(
            value
            for table in (_COLOURS, _ANIMALS, _FRUITS, _DRINKS, _FOODS, _SPORTS, _CITIES, _HOBBIES, _PETS, _JOBS)
            for value in table[lang]
        )
    )
    for lang in get_args(Lang)
}


def _listed(table: dict[Lang, tuple[str, ...]]) -> Value:
    return lambda rng, lang: rng.choice(table[lang])


def _number(rng: Random, lang: Lang) -> str:
    return str(rng.randint(2, 99))


def _name(rng: Random, lang: Lang) -> str:
    return draw_names(rng, lang, 1)[0][0]


@dataclass(frozen=True)
class PersonalFact:
    """One thing to tell. `is_name` says that its value is the name of somebody, so that it is split by the name."""

    id: str
    value: Value
    tell: Phrasings
    ask: Phrasings
    answer: dict[Lang, str]

    @property
    def is_name(self) -> bool:
        return self.value is _name


def _fact(
    id_: str,
    value: Value,
    en: tuple[tuple[str, ...], tuple[str, ...], str],
    zh: tuple[tuple[str, ...], tuple[str, ...], str],
) -> PersonalFact:
    tell, ask = Phrasings(en=en[0], zh=zh[0]), Phrasings(en=en[1], zh=zh[1])
    return PersonalFact(id_, value, tell, ask, {"en": en[2], "zh": zh[2]})


def _favourite(en: str, zh: str, value: Value, *, verb: str = "喜欢", the: str = "") -> PersonalFact:
    """My favourite colour, food, animal, ... `the` stands before the value where English wants an article."""
    return _fact(
        f"favourite {en}",
        value,
        (
            (
                f"My [favourite|favorite] {en} is {the}{{v}}.",
                f"The {en} I like [best|most] is {the}{{v}}.",
                f"{the}{{v}} is my favourite {en}.",
            ),
            (
                f"[What is|What's] my [favourite|favorite] {en}?",
                f"[Which|What] {en} do I like [best|most]?",
                f"Do you [remember|know|still remember] my favourite {en}?",
                f"Tell me my favourite {en}.",
            ),
            f"Your favourite {en} is {the}{{v}}.",
        ),
        (
            (
                f"我最{verb}的{zh}是{{v}}。",
                f"我最{verb}{{v}}。",
                f"{{v}}是我最{verb}的{zh}。",
                f"{zh}里我最{verb}{{v}}。",
            ),
            (
                f"我最{verb}[的{zh}是什么|什么{zh}]？",
                f"你[还记得|记得|知道]我最{verb}[什么{zh}|的{zh}|的{zh}是什么]吗？",
                f"我刚才说我最{verb}什么{zh}？",
                f"说出我最{verb}的{zh}。",
            ),
            f"你最{verb}的{zh}是{{v}}。",
        ),
    )


def _coloured(en: str, zh: str, measure: str) -> PersonalFact:
    """My car is red."""
    return _fact(
        f"colour of {en}",
        _listed(_COLOURS),
        (
            (f"My {en} is {{v}}.", f"I have a {{v}} {en}.", f"The colour of my {en} is {{v}}."),
            (
                f"What [colour|color] is my {en}?",
                f"Which colour is my {en}?",
                f"Do you [remember|know] the colour of my {en}?",
                f"[What is|What's] the [colour|color] of my {en}?",
            ),
            f"Your {en} is {{v}}.",
        ),
        (
            (f"我的{zh}是{{v}}的。", f"我有一{measure}{{v}}的{zh}。", f"我的{zh}的颜色是{{v}}。"),
            (
                f"我的{zh}是什么颜色[的|]？",
                f"你[记得|知道|还记得]我的{zh}是什么颜色吗？",
                f"我的{zh}的颜色是什么？",
                f"说说我的{zh}是什么颜色。",
            ),
            f"你的{zh}是{{v}}的。",
        ),
    )


def _named(en: str, zh: str, measure: str) -> PersonalFact:
    """My dog is called Rex."""
    return _fact(
        f"name of {en}",
        _name,
        (
            (
                f"My {en} is called {{v}}.",
                f"My {en}'s name is {{v}}.",
                f"The name of my {en} is {{v}}.",
                f"I have a {en} called {{v}}.",
            ),
            (
                f"[What is|What's] [my {en}'s name|the name of my {en}]?",
                f"What is my {en} called?",
                f"Do you [remember|know] [my {en}'s name|the name of my {en}]?",
                f"Tell me the name of my {en}.",
            ),
            f"Your {en} is called {{v}}.",
        ),
        (
            (
                f"我的{zh}叫{{v}}。",
                f"我的{zh}名字叫{{v}}。",
                f"我[|还]有一{measure}{zh}，叫{{v}}。",
                f"我的{zh}的名字是{{v}}。",
            ),
            (
                f"我的{zh}叫什么[名字|]？",
                f"你[还记得|记得|知道]我的{zh}叫什么[名字|]吗？",
                f"我的{zh}的名字是什么？",
                f"说出我的{zh}的名字。",
            ),
            f"你的{zh}叫{{v}}。",
        ),
    )


FACTS: tuple[PersonalFact, ...] = (
    _favourite("colour", "颜色", _listed(_COLOURS)),
    _favourite("animal", "动物", _listed(_ANIMALS), the="the "),
    _favourite("fruit", "水果", _listed(_FRUITS)),
    _favourite("drink", "饮料", _listed(_DRINKS), verb="爱喝"),
    _favourite("food", "食物", _listed(_FOODS), verb="爱吃"),
    _favourite("sport", "运动", _listed(_SPORTS)),
    _favourite("city", "城市", _listed(_CITIES)),
    _coloured("car", "车", "辆"),
    _coloured("bag", "书包", "个"),
    _coloured("hat", "帽子", "顶"),
    _named("dog", "狗", "只"),
    _named("cat", "猫", "只"),
    _named("friend", "朋友", "个"),
    _named("teacher", "老师", "位"),
    _fact(
        "city",
        _listed(_CITIES),
        (
            ("I live in {v}.", "My home is in {v}.", "I [come from|am from] {v}.", "The city I live in is {v}."),
            (
                "Where do I live?",
                "[Which|What] city do I live in?",
                "Do you [remember|know] where I live?",
                "Where is my home?",
            ),
            "You live in {v}.",
        ),
        (
            ("我住在{v}。", "我家在{v}。", "我在{v}生活。", "我是{v}人，住在{v}。"),
            (
                "我住在[哪里|哪儿|哪个城市]？",
                "我家在[哪里|哪儿|哪个城市]？",
                "你[还记得|记得|知道]我住在[哪里|哪儿]吗？",
                "我刚才说我住在哪里？",
            ),
            "你住在{v}。",
        ),
    ),
    _fact(
        "pet",
        _listed(_PETS),
        (
            ("My pet is {a} {v}.", "I have a pet {v}.", "I keep {a} {v} as a pet."),
            (
                "What pet do I have?",
                "[What is|What's] my pet?",
                "What kind of pet do I have?",
                "Do you [remember|know] what pet I have?",
            ),
            "Your pet is {a} {v}.",
        ),
        (
            ("我的宠物是{v}。", "我养的宠物是{v}。", "我家的宠物是{v}。"),
            ("我的宠物是什么？", "我养了什么宠物？", "你[还记得|记得|知道]我的宠物是什么吗？", "我家有什么宠物？"),
            "你的宠物是{v}。",
        ),
    ),
    _fact(
        "number",
        _number,
        (
            ("My lucky number is {v}.", "{v} is my lucky number.", "The number {v} brings me luck."),
            (
                "[What is|What's] my lucky number?",
                "Which number is my lucky [one|number]?",
                "Do you [remember|know] my lucky number?",
                "Tell me my lucky number.",
            ),
            "Your lucky number is {v}.",
        ),
        (
            ("我的幸运数字是{v}。", "{v}是我的幸运数字。", "数字{v}能给我带来好运。"),
            (
                "我的幸运数字是[多少|几|什么]？",
                "你[还记得|记得|知道]我的幸运数字[是多少|]吗？",
                "我刚才说的幸运数字是[几|多少]？",
                "说出我的幸运数字。",
            ),
            "你的幸运数字是{v}。",
        ),
    ),
    _fact(
        "age",
        _number,
        (
            ("I am {v} years old.", "My age is {v}.", "I [have turned|turned|just turned] {v}."),
            ("How old am I?", "[What is|What's] my age?", "Do you [remember|know] how old I am?", "Tell me my age."),
            "You are {v} years old.",
        ),
        (
            ("我今年{v}岁。", "我{v}岁[了|]。", "我的年龄是{v}岁。"),
            ("我[今年|]多大[了|]？", "我[今年|]几岁[了|]？", "你[还记得|记得|知道]我几岁吗？", "我的年龄是多少？"),
            "你今年{v}岁。",
        ),
    ),
    _fact(
        "room",
        _number,
        (
            ("My room number is {v}.", "I am in room {v}.", "I [stay|live] in room {v}."),
            (
                "[What is|What's] my room number?",
                "[Which|What] room am I in?",
                "Do you [remember|know] my room number?",
                "Tell me my room number.",
            ),
            "You are in room {v}.",
        ),
        (
            ("我的房间号是{v}。", "我住{v}号房间。", "我在{v}号房。"),
            ("我的房间号是多少？", "我住[几号房间|哪个房间]？", "你[还记得|记得|知道]我的房间号吗？", "我在几号房？"),
            "你住{v}号房间。",
        ),
    ),
    _fact(
        "hobby",
        _listed(_HOBBIES),
        (
            ("My hobby is {v}.", "In my free time I like {v}.", "My favourite hobby is {v}."),
            (
                "[What is|What's] my hobby?",
                "What do I like [doing|to do] in my free time?",
                "Do you [remember|know] my hobby?",
                "Tell me my hobby.",
            ),
            "Your hobby is {v}.",
        ),
        (
            ("我的爱好是{v}。", "我平时喜欢{v}。", "我有空的时候喜欢{v}。"),
            ("我的爱好是什么？", "我平时喜欢做什么？", "你[还记得|记得|知道]我的爱好吗？", "我有什么爱好？"),
            "你的爱好是{v}。",
        ),
    ),
    _fact(
        "job",
        _listed(_JOBS),
        (
            ("I am a {v}.", "I work as a {v}.", "I have a job as a {v}."),
            (
                "[What is|What's] my job?",
                "What do I do for a living?",
                "Do you [remember|know] my job?",
                "What do I work as?",
            ),
            "You are a {v}.",
        ),
        (
            ("我是一名{v}。", "我的工作是{v}。", "我的职业是{v}。"),
            ("我的工作是什么？", "我是做什么[工作|]的？", "你[还记得|记得|知道]我的工作吗？", "我的职业是什么？"),
            "你是一名{v}。",
        ),
    ),
)
