"""The built-in bilingual data: one skill, one file. Original text only."""
