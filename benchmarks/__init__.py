"""Measurements against other people's code, each in one run on one machine. Results are JSON files in results/.

Run them as modules from the root of the repository: `python -m benchmarks.compare_training --help`. All that runs here
gets the memory settings that the command `chatzero` makes for itself, so that what is compared is the code.
"""

from chatzero.training.memory import ask_for_huge_pages

ask_for_huge_pages()  # before PyTorch is imported
