"""`python -m mobile.service --store DIR`."""

import logging
import os

from mobile.service.main import main

__all__ = ["main"]

if __name__ == "__main__":  # p4a's entry imports `main` from here
    code = main()
    logging.shutdown()
    os._exit(code)  # the store is free; to take the modules apart again costs a second and a half
