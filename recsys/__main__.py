"""`python -m recsys` is `recsys`."""

import sys

from recsys.commands import main

if __name__ == "__main__":
    sys.exit(main())
