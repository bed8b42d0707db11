"""From nothing to an environment that runs ChatZero. Standard library only: `start.py` runs this before any install."""
