"""People's names, from a space too large to learn by heart: what a model can do with them is copy.

Most English names are given names as people bear them, from many languages, in Latin letters; the others are made
of the syllables of those. A Chinese name is a surname and one or two usual name characters, 小 and one, or one of
the other ways people give a name. Held out are names (by a hash of the name), in all skills alike: a name that
stands in a training question stands in no held-out one.
"""

import re
from random import Random

from chatzero.curriculum.skill import Lang, unseen

HELD_OUT_SHARE = 0.1
MADE_UP_SHARE = 0.4  # of the English names


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_GIVEN_EN = _words(
    """
    Aaron Abby Abdul Abel Abigail Abraham Ada Adam Adele Adrian Agnes Ahmed Aidan Aiko Aisha Akira Alan Albert
    Alberto Alejandro Alex Alexander Alexandra Alfred Ali Alice Alicia Alina Alma Alvaro Alvin Amanda Amara Amber
    Amelia Amir Amira Amy Ana Anders Andre Andrea Andreas Andrew Angela Angelo Angus Anita Anjali Ann Anna Anne
    Annika Anthony Antoine Antonio Anya Arjun Armando Arnold Arthur Arturo Asha Astrid Audrey Aurora Austin
    Ava Ayesha Ayumi Barbara Barry Bart Basil Beatrice Bella Ben Benedict Benjamin Benny Bernard Bernardo Bertha
    Beth Betty Bianca Bill Billy Birgit Bjorn Bob Bobby Boris Brad Brandon Brenda Brendan Brian Bridget Bruce Bruno
    Bryan Byron Caleb Calvin Cameron Camila Camille Carina Carl Carla Carlos Carmen Carol Caroline Carter Casey
    Cecilia Cedric Celia Cesar Chad Chandra Charles Charlie Charlotte Chen Chiara Chloe Chris Christian Christina
    Cindy Claire Clara Clarence Claude Claudia Clement Clifford Clive Cody Colin Connor Conrad Cora Craig Curtis
    Cynthia Daisuke Daisy Dalia Damian Dan Dana Daniel Daniela Danny Daria Darren Dave David Davide Dean Deborah
    Deepak Delia Denis Dennis Derek Dev Diana Diego Dieter Dina Dmitri Dolores Dominic Donald Dong Donna Dora Doreen
    Doris Dorothy Douglas Drew Duncan Dustin Dylan Ebba Eddie Edgar Edith Edmund Eduardo Edward Edwin Efua Eileen
    Elaine Eleanor Elena Eli Elias Elif Elijah Elin Elisa Elizabeth Ella Ellen Elliot Elsa Elvira Emil Emilia Emily
    Emma Emmanuel Enrico Enrique Eric Erica Erik Erin Ernest Esteban Esther Ethan Eugene Eva Evan Evelyn Fabian
    Farah Fatima Felicia Felipe Felix Fernando Filip Fiona Flora Florence Francesca Francis Francisco Frank Franz
    Fred Freddie Frederick Freya Frida Gabriel Gabriela Gareth Gary Gavin Gemma Geoffrey George Georgia Gerald Gerda
    Gilbert Gina Giorgio Giovanni Giulia Gladys Glenn Gloria Gordon Grace Graham Greg Greta Gustav Hakim Hana Hannah
    Hans Haruka Hassan Heather Hector Heidi Helen Helena Helga Henri Henry Herbert Herman Hilda Hiroshi Holly Hong
    Horst Howard Hugo Ian Ibrahim Ida Ignacio Igor Imani Imran Ingrid Irene Irina Iris Irma Isaac Isabel
    Isabella Ismail Ivan Ivy Jack Jackson Jacob Jacques Jake Jamal James Jamie Jan Jana Jane Janet Janina Jared
    Jasmine Jason Javier Jean Jeff Jelena Jennifer Jenny Jeremy Jerome Jerry Jesper Jessica Jill Jim Jimmy
    Jing Joachim Joan Joanna Joe Joel Johan Johanna John Johnny Jonas Jonathan Jordan Jorge Jose Joseph Josephine
    Joshua Joyce Juan Juanita Judith Judy Julia Julian Juliet Julio Julius Jun Justin Kaito Kamal Karen Karim Karin
    Karl Karla Kasper Kate Katarina Katherine Kathleen Kathy Katja Kavita Keith Kelly Ken Kenji Kenneth Kenta Kerry
    Kevin Khalid Kim Kiran Kirsten Klaus Kofi Kristina Krishna Kumar Kurt Kwame Kyle Lara Larry Lars Laura Lauren
    Laurence Lea Leah Leila Lena Leo Leon Leona Leonard Leonardo Leroy Leslie Lewis Liam Lidia Lili Lilian Lily Lin
    Linda Linnea Linus Lionel Lisa Liv Liz Lloyd Logan Lola Lorenzo Lorna Louis Louisa Luca Lucas Lucia Lucy Ludwig
    Luis Luisa Luke Luna Lydia Lynn Mabel Madeleine Maggie Magnus Mai Malcolm Malik Manuel Manuela Marc Marcel Marco
    Marcus Margaret Maria Marian Mariana Marie Marina Mario Marion Mark Marlene Marta Martha Martin Martina Marvin
    Mary Mateo Mathias Matilda Matt Matteo Matthew Maurice Max Maya Megan Mehmet Mei Melanie Melissa Mercy Mia
    Michael Michelle Miguel Mika Mike Mikhail Mila Milan Milo Mina Ming Minh Miranda Miriam Mitchell Mohamed Moira
    Molly Mona Monica Morgan Moritz Moses Muhammad Murray Nadia Nadine Naomi Natalia Natalie Natasha Nathan Neil
    Nelson Nia Nicholas Nick Nico Nicola Nicole Nigel Nikita Nikolai Nils Nina Nisha Noah Noel Nora Norma
    Norman Odette Olaf Olga Oliver Olivia Omar Oscar Oskar Otis Otto Owen Pablo Paloma Pamela Paolo Pascal Patricia
    Patrick Paul Paula Pauline Pavel Pearl Pedro Peggy Penelope Penny Perry Peter Petra Phil Philip Phoebe Pierre
    Pilar Priya Qing Quentin Rachel Rafael Raj Rajesh Ralph Ramon Ramona Randy Rania Raoul Rashid Raul Ravi Ray
    Raymond Rebecca Regina Reiko Rene Renata Ricardo Richard Rick Rita Robert Roberto Robin Rocco Rodrigo Roger
    Roland Roman Romeo Ron Ronald Rosa Rosalie Rosanna Rose Rosemary Ross Rowan Roxana Roy Ruben Ruby Rudolf Rufus
    Rupert Russell Ruth Ryan Sabina Sabrina Sakura Sally Salma Salman Salvador Sam Samantha Samir Samson Samuel
    Sandra Sandy Sanjay Santiago Sara Sarah Sasha Satoshi Scott Sean Sebastian Selim Selma Serena Sergei Sergio Seth
    Shane Shannon Sharon Sheila Shirley Sibyl Sidney Siegfried Sigrid Silas Silvia Simon Simone Sita Sofia Solomon
    Sonia Sophie Spencer Stan Stanley Stefan Stella Stephen Steve Steven Stuart Sue Sunil Suresh Susan Susanna
    Sven Svetlana Sylvia Tadeo Takashi Tamara Tanya Tara Tariq Tatiana Ted Terence Teresa Terry Tessa Thea
    Thelma Theo Theodor Theresa Thomas Tiago Tilda Tim Timothy Tina Tobias Toby Todd Tom Tomas Tommy Toni Tony Tracy
    Travis Trevor Tristan Trudy Tyler Ulrich Ulrike Umar Ursula Valentin Valentina Valeria Vanessa Vera Verena
    Vernon Veronica Victor Victoria Vijay Vikram Vincent Viola Violet Virginia Vivian Vladimir Walter Wanda Warren
    Wei Wendy Wilbur Wilhelm Will William Willow Wilma Winston Wolfgang Xavier Xia Xiaoming Yan Yara Yasmin Yolanda
    Yoshi Yuki Yuri Yusuf Yvonne Zachary Zara Zeynep Zoe Zoltan
    """
)
# Where a name is cut: after a vowel, and after one consonant more where another consonant follows it.
_SYLLABLE = re.compile(r"[^aeiouy]*[aeiouy]{1,2}(?:[^aeiouy]+$|[^aeiouy](?=[^aeiouyh]))?")
_CUT: tuple[list[str], ...] = tuple(cut for name in _GIVEN_EN if len(cut := _SYLLABLE.findall(name.casefold())) > 1)
_FIRST_SYLLABLES = tuple(sorted({cut[0] for cut in _CUT if 1 < len(cut[0]) < 5}))
_MIDDLE_SYLLABLES = tuple(sorted({part for cut in _CUT for part in cut[1:-1] if len(part) == 2}))
# A made-up name does not end in "e": too many words do ("name", "time").
_LAST_SYLLABLES = tuple(sorted({cut[-1] for cut in _CUT if 1 < len(cut[-1]) < 5 and not cut[-1].endswith("e")}))
_THREE_SYLLABLES_SHARE = 0.15

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
    "姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严武戴莫孔向汤温康施"
)
_DOUBLE_SURNAMES = _words("欧阳 上官 司马 诸葛 东方 慕容 司徒 夏侯")
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚玲辉健华红英文斌玉宇浩子涵轩欣怡雨佳琪思晨诗梦瑶俊凯嘉天志远建国春秋月"
    "云飞鹏海波峰松青山东雪梅兰竹婷慧雅安康宁乐阳亮星心语书清博一依泽睿梓萱钰航煜祺皓霖翔宸逸昊铭彤悦颖蕾薇琳珊莹洁"
    "倩妍媛婉淑贞惠秀珍珠凤美燕蓉荷莲菊桂香芬芝芸萍茜蓝紫彩虹露霜冰川江河湖润泉源溪淼沐泓瀚洪涌永福禄寿喜祥瑞庆吉荣"
    "昌盛富贵财旺兴隆泰达通顺谐诚信义仁德礼智勤俭正直忠孝恒毅坚定卓越凡道光耀辰旭日昭晖晓昕晴朗朝夕晚冬夏南北"
    "西中元宗祖先绍承继传振邦民世家宝贝贤良才学士翰墨章维新革立成功业进步程锦绣鸿雁鹤龙虎骏驰腾跃展翅冲凌霄汉宏图伦"
    "理方圆珂瑾瑜璇玮琦琛瑛璐菲帆舟帅威武猛雄力奇弘扬升高登攀岩石磐柏林森桐枫杨柳桦楠榕茂丰硕果苗禾田园野原"
)
_FOREIGN = _words(
    "汤姆 安娜 玛丽 杰克 露西 彼得 大卫 约翰 艾米 迈克 丽莎 本杰明 索菲亚 马克 凯特 保罗 爱丽丝 鲍勃 查理 戴安娜 艾伦 "
    "埃里克 乔治 汉娜 亨利 艾达 杰森 珍妮 詹姆斯 凯文 劳拉 莉莉 琳达 路易斯 卢卡斯 玛莎 马丁 麦克斯 米娅 莫妮卡 娜塔莎 "
    "尼克 诺拉 奥利弗 奥斯卡 佩德罗 菲利普 瑞秋 理查德 罗伯特 萨拉 西蒙 斯蒂芬 苏珊 泰勒 特蕾莎 蒂娜 托尼 维克多 "
    "文森特 温蒂 威廉 卡洛斯 拉维 法蒂玛 由纪 伊万 塔尼娅 英格丽 斯文"
)


def _english(rng: Random) -> str:
    if rng.random() >= MADE_UP_SHARE:
        return rng.choice(_GIVEN_EN)
    middle = rng.choice(_MIDDLE_SYLLABLES) if rng.random() < _THREE_SYLLABLES_SHARE else ""
    return (rng.choice(_FIRST_SYLLABLES) + middle + rng.choice(_LAST_SYLLABLES)).capitalize()


def _chinese(rng: Random, nickname: bool) -> str:
    how = rng.uniform(0.65, 0.85) if nickname else rng.random()
    given = rng.choice(_GIVEN)
    if how < 0.43:
        return rng.choice(_SURNAMES) + given + rng.choice(_GIVEN)
    if how < 0.45:
        return rng.choice(_DOUBLE_SURNAMES) + given
    if how < 0.65:
        return rng.choice(_SURNAMES) + given
    if how < 0.8:
        return "小" + (given if rng.random() < 0.8 else rng.choice(_SURNAMES))
    if how < 0.85:
        return given + given
    if how < 0.93:
        return given + rng.choice(_GIVEN)
    return rng.choice(_FOREIGN) if how < 0.97 else _english(rng)


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
