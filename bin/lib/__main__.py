"""Start the development kit: ``python3 bin/lib COMMAND …`` (see ``bin/dev``)."""

import sys

from devkit.cli import main

sys.exit(main(sys.argv[1:]))
