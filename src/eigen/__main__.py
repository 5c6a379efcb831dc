"""`python -m eigen`: the command line."""

import sys

from eigen.cli import main

sys.exit(main())
