"""Everyday situations with the sensible thing to do, or with what happens next: a table in both languages.

A line is `wordings > answer > accepted`, alternatives after a stroke. Not here: questions (`skills.cause_effect`).
"""

from typing import NamedTuple

from chatzero.curriculum.skill import Lang


class Situation(NamedTuple):
    """Wordings of one situation, without a final mark; the answer; strings one of which a right answer contains."""

    id: str
    wordings: tuple[str, ...]
    answer: str
    accept: tuple[str, ...]


_ADVICE = """
The weather is fine today|It is sunny today|The sun is shining > It is a good day to go to the park. > go to the park
今天天气很好|今天是晴天|外面阳光明媚 > 天气好，适合去公园走走。 > 去公园
It is raining|It is going to rain|There are dark clouds in the sky > Take an umbrella so that you stay dry. > umbrella
下雨了|快要下雨了|天上有很多乌云 > 下雨天出门记得带伞，走路慢一点。 > 伞
It is very cold outside|It is freezing today|Winter is here > Put on a warm coat. > warm coat|warm clothes
外面很冷|今天特别冷|冬天来了 > 天冷要多穿衣服，戴好围巾和手套。 > 多穿
It is very hot today|Summer is very hot|The sun is burning > Stay in the shade and drink enough water. > shade
今天很热|夏天太热了|太阳很晒 > 天热要多喝水，待在阴凉的地方。 > 阴凉
I am hungry|I have not eaten|I need food > Have something to eat, such as rice, bread or fruit. > something to eat
我饿了|我一天没吃饭了|我需要食物 > 饿了就吃点面包或水果垫一垫。 > 吃点|吃饭
I am thirsty|My mouth is dry|I have not drunk anything today > Drink some water. > drink some water|drink water
我渴了|我口很干|我今天没喝水 > 口渴了就喝杯温水吧。 > 喝杯温水|喝点水
I worked all day|I walked for hours|I have studied since morning > Take a rest. > rest
我工作了一整天|我走了很远的路|我从早上学到现在 > 休息一下吧。 > 休息
I am sleepy|It is very late and I am still up|I can hardly keep my eyes open > Go to bed early. > go to bed|go to sleep
我困了|很晚了我还没睡|我的眼睛都睁不开了 > 早点睡觉吧。 > 睡觉|早点睡
I have a fever|My stomach hurts badly|I have been coughing for a week > Go and see a doctor. > doctor
我发烧了|我肚子疼得厉害|我咳嗽了一个星期 > 去看医生吧。 > 医生
I have a toothache|My tooth hurts|There is a hole in my tooth > Go to the dentist. > dentist
我牙疼|我的牙很痛|我长了蛀牙 > 去看牙医吧。 > 牙医
My hands are dirty|I want to eat but my hands are dirty|I touched some mud > Wash your hands. > wash your hands
我的手很脏|要吃饭了但我的手很脏|我摸了泥巴 > 去洗手吧。 > 洗手
The room is dark|I cannot see anything in here|It is dark and I want to read > Turn on the light. > turn on
房间里很黑|屋里什么也看不见|天黑了我想看书 > 把灯打开。 > 把灯打开|开灯
The air in the room is bad|The room is stuffy|It smells bad in here > Open the window. > window
房间里空气不好|屋里很闷|屋里味道很难闻 > 打开窗户。 > 窗
My phone is out of power|My phone is empty|My phone will not start > Plug your phone in and let it charge. > charge
我的手机没电了|手机电量很低|我的手机开不了机 > 给手机充电。 > 充电
I am late for school|The bus leaves in one minute|I am going to miss the train > Hurry up! > hurry
我上学要迟到了|公交车马上要开了|我快赶不上火车了 > 赶快出发！ > 赶快|快点
I have a test on Friday|There will be a test next week|I want good marks > Study hard. > study|revise
星期五有测验|下周有一场考试|我想考个好成绩 > 好好复习吧。 > 复习|学习
The traffic light is red|The light turned red|I see a red light > Stop at a red light and wait for green. > stop
现在是红灯|红灯亮了|我看到了红灯 > 停下来等一等。 > 停|等一等
The traffic light is green|The light turned green|I see a green light > You can go now. > you can go|go now
现在是绿灯|绿灯亮了|我看到了绿灯 > 可以走了。 > 可以走
I cannot find my wallet|My pen is gone|I lost my glasses > Look for it carefully. > look for it
我找不到钱包了|我的笔不见了|我的眼镜不见了 > 仔细找一找。 > 找一找|找找
It is my friend's birthday|My mother's birthday is soon|A friend has a birthday > Give a nice present. > present|gift
朋友过生日|明天是妈妈的生日|好朋友要过生日了 > 亲手写一张贺卡，心意最重要。 > 贺卡|礼物
I broke my friend's cup|I was rude to my friend|I stepped on someone's foot > Say sorry. > sorry|apologise
我打破了朋友的杯子|我对朋友发了脾气|我踩了别人的脚 > 说声对不起。 > 对不起|道歉
Someone helped me|A friend gave me a present|A stranger showed me the way > Say thank you. > say thank you
有人帮了我|朋友送了我礼物|陌生人给我指了路 > 说声谢谢。 > 谢谢
The flowers are dry|My plant needs water|The grass is turning yellow > Water it. > water it|give it water
花干了|我的植物缺水了|草变黄了 > 给它浇水。 > 浇水
My room is a mess|There are toys all over the floor|My desk is full of things > Tidy up. > tidy|clean up
我的房间很乱|地上到处是玩具|我的书桌堆满了东西 > 收拾干净。 > 收拾|整理
My clothes are dirty|There is mud on my shirt|I spilled soup on my coat > Wash your clothes. > wash your clothes
我的衣服脏了|我的衬衫上有泥|汤洒在我的外套上了 > 把衣服洗干净。 > 衣服洗|洗衣服
My dog is hungry|The cat wants to eat|My fish have no food > Feed your pet. > feed
我的狗饿了|猫想吃东西|我的鱼没有食物了 > 给宠物喂食。 > 喂
It snowed a lot|There is thick snow outside|Everything is white with snow > Make a snowman! > snowman
下了一场大雪|外面积了厚厚的雪|到处都是白白的雪 > 去堆雪人吧！ > 雪人
It is windy today|There is a nice wind|The wind is just right > Fly a kite! > kite
今天有风|外面的风很舒服|风刚刚好 > 去放风筝吧！ > 风筝
The floor is wet|The road is icy|The stairs are slippery > Walk slowly. > slowly|be careful
地面很湿|路上结冰了|楼梯很滑 > 慢慢走，小心点。 > 小心点|慢慢走
There is no food at home|The fridge is empty|We have no vegetables left > Go shopping. > shopping
家里没有吃的了|冰箱空了|家里没有菜了 > 去买菜吧。 > 买菜|买吃的
I have a free evening|I have nothing to do|It is a long and quiet evening > Read a good book. > read
今晚我有空|我没事可做|晚上很安静很漫长 > 看一本好书吧。 > 看书|看一本好书
I want to borrow a book|I need a quiet place to study|I would like to read many books > Go to the library. > library
我想借书|我想找个安静的地方学习|我想看很多书 > 去图书馆。 > 图书馆
I want to send a letter|I need a stamp|I must post a parcel > Go to the post office. > post office
我想寄信|我需要一张邮票|我要寄包裹 > 去邮局。 > 邮局
I want to see a lion|My child loves animals|I want to see pandas and tigers > Go to the zoo. > zoo
我想看狮子|我的孩子喜欢动物|我想看熊猫和老虎 > 去动物园。 > 动物园
I want to fly to London|I must catch a plane|My flight leaves at noon > Go to the airport. > airport
我要坐飞机去伦敦|我要赶飞机|我的航班中午起飞 > 去机场。 > 机场
My hair is too long|My hair is a mess|I need a new haircut > Go to the barber. > barber|hairdresser
我的头发太长了|我的头发很乱|我想换个发型 > 去理发店。 > 理发
My shoes are broken|My shoes are too small|There is a hole in my shoe > Buy new shoes. > new shoes
我的鞋破了|我的鞋太小了|我的鞋上有个洞 > 买双新鞋。 > 新鞋
I see a fire|The kitchen is on fire|Smoke is everywhere > Get out at once and call the fire service. > fire service
我看到着火了|厨房起火了|到处都是浓烟 > 捂住口鼻弯腰离开，马上打 119。 > 119
"""
_EFFECTS = """
an ice cream lies in the sun|I leave butter in a hot pan|a snowman stands in the sun > It will melt. > melt|melts
把冰淇淋放在太阳下|黄油放在热锅里|雪人站在太阳下 > 它会融化。 > 融化|化掉
I put water in the freezer|it is very cold and the lake is still|water gets very cold > It will freeze. > freeze
把水放进冷冻室|天很冷，湖面很平静|水变得非常冷 > 它会结冰。 > 结冰|变成冰
I drop a glass on the floor|an egg falls to the ground|a vase falls from the table > It will break. > break
玻璃杯掉在地上|鸡蛋掉到地上|花瓶从桌上掉下来 > 它会摔碎。 > 碎
a flower gets no water|nobody waters the plant|a tree gets no rain for a year > It will die. > die
花一直没有水|没有人给植物浇水|树一年没有淋到雨 > 它会枯死。 > 枯|死
I heat water for a long time|a pot of water stands on the fire|water reaches 100 degrees > It will boil. > boil
一直给水加热|一壶水放在火上烧|水到了100度 > 它会沸腾。 > 沸腾|烧开
I throw paper into the fire|dry wood gets too hot|a match touches dry grass > It will burn. > burn
把纸扔进火里|干木头变得太热|火柴碰到干草 > 它会烧起来。 > 烧起来|燃烧
I plant a seed and water it|a seed lies in warm wet soil|it rains on the seeds in spring > It will grow. > grow
种下种子并浇水|种子在温暖湿润的土里|春雨落在种子上 > 它会发芽。 > 发芽|长出
a needle touches a balloon|I blow too much air into a balloon|a child sits on a balloon > It will burst. > burst|pop
针碰到气球|给气球吹太多气|小孩坐在气球上 > 它会爆掉。 > 爆
I stir sugar into tea|I put salt into warm water|sugar falls into hot coffee > It will dissolve. > dissolve
把糖放进茶里搅一搅|把盐放进温水里|糖掉进热咖啡里 > 它会溶解。 > 溶解
I throw a stone into a river|a coin falls into the water|a key drops into a lake > It will sink. > sink
把石头扔进河里|硬币掉进水里|钥匙掉进湖里 > 它会沉下去。 > 沉
I put wood on water|a leaf falls on a lake|a ball lands on the river > It will float. > float
把木头放到水上|树叶落在湖面上|球落到河面上 > 它会浮在水面上。 > 浮
I walk in the rain without an umbrella|I fall into a pool|someone throws water at me > You will get wet. > get wet
下雨不打伞|掉进水池里|有人朝我泼水 > 你会淋湿。 > 湿
I never brush my teeth|I eat too many sweets|I eat sugar before bed every day > Your teeth will hurt. > teeth
从不刷牙|吃太多糖|每天睡前吃糖 > 你会牙疼。 > 牙疼|蛀牙
I practise every day|I work hard at it|I never give up learning > You will get better. > better
每天练习|努力去做|一直坚持学习 > 你会越来越好。 > 越来越好|进步
I never exercise|I eat too much and never move|I only eat cake > You will gain weight. > gain weight|get fat
从不运动|吃得多又不动|天天只吃蛋糕 > 你会变胖。 > 胖
"""


def _situations(table: str) -> dict[Lang, tuple[Situation, ...]]:
    lines = [[part.strip() for part in line.split(" > ")] for line in table.strip().splitlines()]
    read = [Situation("", tuple(told.split("|")), answer, tuple(accept.split("|"))) for told, answer, accept in lines]
    english, chinese = read[::2], read[1::2]
    ids = [situation.answer for situation in english]
    return {
        "en": tuple(situation._replace(id=id_) for situation, id_ in zip(english, ids, strict=True)),
        "zh": tuple(situation._replace(id=id_) for situation, id_ in zip(chinese, ids, strict=True)),
    }


ADVICE: dict[Lang, tuple[Situation, ...]] = _situations(_ADVICE)
EFFECTS: dict[Lang, tuple[Situation, ...]] = _situations(_EFFECTS)
