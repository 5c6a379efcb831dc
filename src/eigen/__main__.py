"""`python -m eigen`: the command line."""

import sys

from eigen.cli import console

sys.exit(console())
