"""Runs a command with the environment of an endpoint of its own: run_with_endpoint.py COMMAND…"""

import subprocess
import sys

from endpoint import Endpoint

with Endpoint() as endpoint:
    sys.exit(subprocess.run(sys.argv[1:], env=endpoint.environment()).returncode)
