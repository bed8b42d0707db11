"""`python -m chatzero` is the command `chatzero`."""

import sys

from chatzero.apps.cli.main import run

if __name__ == "__main__":
    sys.exit(run())
