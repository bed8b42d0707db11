"""The skills of the built-in curriculum, in the order of the scoreboard. A new skill's file is listed here.

`CORE` is what minutes on a small machine can teach well; `SKILLS` has the rest too, for longer runs.
"""

from typing import Literal

from chatzero.curriculum.handwritten import handwritten_skills
from chatzero.curriculum.skill import Skill
from chatzero.curriculum.skills import (
    addition,
    antonyms,
    arithmetic_words,
    categories,
    cause_effect,
    clock_time,
    compare,
    count_items,
    directions,
    emotions,
    examples,
    first_last,
    follow_format,
    months_dates,
    multiplication,
    odd_one_out,
    parity,
    properties,
    remember_fact,
    remember_name,
    repeat_after,
    reverse_list,
    sentence_completion,
    sequences,
    sort_numbers,
    spell_word,
    subtraction,
    told_yes_no,
    translate_en_zh,
    translate_zh_en,
    unit_conversion,
    unknown,
    vocab_en_zh,
    vocab_zh_en,
    weekdays,
    who_does_what,
    word_forms,
    word_problems,
    yes_no,
)

SkillSet = Literal["core", "all"]

CORE: tuple[Skill, ...] = (
    *handwritten_skills(),
    addition.skill,
    subtraction.skill,
    multiplication.skill,
    arithmetic_words.skill,
    word_problems.skill,
    compare.skill,
    parity.skill,
    sort_numbers.skill,
    count_items.skill,
    reverse_list.skill,
    first_last.skill,
    spell_word.skill,
    weekdays.skill,
    months_dates.skill,
    unit_conversion.skill,
    vocab_zh_en.skill,
    vocab_en_zh.skill,
    translate_zh_en.skill,
    translate_en_zh.skill,
    antonyms.skill,
    categories.skill,
    properties.skill,
    cause_effect.skill,
    yes_no.skill,
    follow_format.skill,
    repeat_after.skill,
    remember_name.skill,
    remember_fact.skill,
    unknown.skill,
)
SKILLS: tuple[Skill, ...] = (
    *CORE,
    told_yes_no.skill,
    sequences.skill,
    clock_time.skill,
    odd_one_out.skill,
    who_does_what.skill,
    word_forms.skill,
    sentence_completion.skill,
    emotions.skill,
    directions.skill,
    examples.skill,
)


def skills_of(chosen: SkillSet) -> tuple[Skill, ...]:
    """The skills of that name."""
    return CORE if chosen == "core" else SKILLS
