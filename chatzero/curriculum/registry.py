"""All the skills of the built-in curriculum, in the order of the scoreboard. A new skill's file is listed here."""

from chatzero.curriculum.handwritten import handwritten_skills
from chatzero.curriculum.skill import Skill

SKILLS: tuple[Skill, ...] = (*handwritten_skills(),)
