"""Blocks -> a language model."""
