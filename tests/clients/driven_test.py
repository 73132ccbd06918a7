"""The clients that have a driver (driver.py) against the real broker, each with all promises."""

import os
import pathlib
import unittest

import promises

# Where scripts/setup.sh clients and scripts/test-clients.sh put what is not in the repository.
HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build"
PYTHON = [str(BUILD / "deps/clients/python/bin/python"), "-B"]
GO = BUILD / "clients/go"
JAVA = BUILD / "deps/clients/java"


def java(version):
    """The Java driver with the client's jars of that version; short-lived, so it compiles little."""
    return ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256M", "-cp",
            f"{BUILD}/clients/java-{version}:{JAVA}/{version}/*", "Driver"]


class KafkaPython(promises.All, unittest.TestCase):
    command = [*PYTHON, "python/kafka_python_driver.py"]


class ConfluentKafka(promises.All, unittest.TestCase):
    command = [*PYTHON, "python/confluent_kafka_driver.py"]


class Aiokafka(promises.All, unittest.TestCase):
    command = [*PYTHON, "python/aiokafka_driver.py"]
    # Its alter_configs is the one that resets all others (AlterConfigs).
    lacks = ("alter", "set_offset", "delete_group")


class Librdkafka(promises.Codecs, promises.Groups, promises.Transactions, unittest.TestCase):
    """Its C++ interface, which has no administration."""

    command = [os.environ.get("LIBRDKAFKA_DRIVER", "no LIBRDKAFKA_DRIVER: ctest sets it")]


class Platformatic(promises.All, unittest.TestCase):
    # Its zstd is node's own, which came with 22.15: npm's copy of node is pinned beside it.
    command = [str(next(HERE.glob("node_modules/node-linux-*/bin/node"), "node")),
               "node/platformatic_driver.mjs"]


class FranzGo(promises.All, unittest.TestCase):
    command = [str(GO / "franzgo")]


class Sarama(promises.All, unittest.TestCase):
    command = [str(GO / "sarama")]


class KafkaGo(promises.WithoutTransactions, unittest.TestCase):
    command = [str(GO / "kafkago")]
    lacks = ("delete_records",)


class Java3(promises.All, unittest.TestCase):
    command = java("3.9.2")


class Java4(promises.All, unittest.TestCase):
    command = java("4.4.0")


if __name__ == "__main__":
    promises.main()
