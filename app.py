"""The entry point of a checkout and of a Space: ``python app.py`` is ``triad app``."""

from __future__ import annotations

import sys

from mm_core.cli import main

if __name__ == "__main__":
    sys.exit(main(["app", *sys.argv[1:]]))
