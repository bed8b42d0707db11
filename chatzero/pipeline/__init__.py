"""A recipe -> a run: the rooms below put together, for `quickstart` and `train` alike."""
