"""``python -m tim3tool``."""

import sys

from tim3tool.cli import main

sys.exit(main())
