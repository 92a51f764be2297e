import sys

from mm_core.cli import main

sys.exit(main())
