"""A classic mistake and the right version, trained on the same seed -> what the difference is, measured."""
