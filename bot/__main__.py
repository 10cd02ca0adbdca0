"""`python -m bot`."""

import sys

from bot.cli import main

if __name__ == "__main__":  # the sandbox forks its bots off a process that imports this module again
    sys.exit(main())
