"""The clients that have a driver (driver.py) against the real broker, each with all promises."""

import os
import pathlib
import unittest

import promises

# Where scripts/setup.sh clients and scripts/test-clients.sh put what is not in the repository.
BUILD = pathlib.Path(__file__).resolve().parents[2] / "build"
PYTHON = [str(BUILD / "deps/clients/python/bin/python"), "-B"]


class KafkaPython(promises.All, unittest.TestCase):
    command = [*PYTHON, "python/kafka_python_driver.py"]


if __name__ == "__main__":
    promises.main()
