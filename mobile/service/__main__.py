"""`python -m mobile.service --store DIR`."""

import sys

from mobile.service.main import main

__all__ = ["main"]

if __name__ == "__main__":  # p4a's entry imports `main` from here
    sys.exit(main())
