"""A model -> tokens -> text."""
