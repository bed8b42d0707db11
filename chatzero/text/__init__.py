"""Strings <-> token ids. No torch in this room."""
