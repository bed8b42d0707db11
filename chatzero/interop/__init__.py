"""A model folder <-> the folders and files of other engines, and the proof that they say the same."""
