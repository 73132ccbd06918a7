"""Three nodes of Apache Kafka (KRaft, each broker and controller) on loopback, in a folder that goes
with them. Any of them can be killed and started again."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "tools"), str(ROOT / "tests" / "pipeline")]

from kafka import LIBRARIES, run_tool  # noqa: E402
from pipeline import free_port, wait_until  # noqa: E402

NODES = (1, 2, 3)
CLUSTER_ID = "dGlja2xha2UtZmFpbG92ZQ"
# More lines of server.properties, for measurements: "broker.session.timeout.ms=3000 …".
SETTINGS = os.environ.get("TICKLAKE_KAFKA_SETTINGS", "").split()
# Small, and quick to start: the machine has other things to do. All else is as Kafka has it.
JVM_FLAGS = ["-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
             "-Djava.awt.headless=true"]


class Node:
    def __init__(self, number, folder, voters, address, controller):
        self.number = number
        self.address = address
        self.process = None
        self.log_path = folder / f"node-{number}.log"
        self.properties = folder / f"node-{number}.properties"
        self.properties.write_text("\n".join([
            "process.roles=broker,controller", f"node.id={number}",
            f"controller.quorum.voters={voters}",
            f"listeners=PLAINTEXT://{address},CONTROLLER://{controller}",
            "controller.listener.names=CONTROLLER", f"log.dirs={folder / f'node-{number}'}",
            # What a test waits for and nobody else: the first member of a group, many partitions.
            "group.initial.rebalance.delay.ms=0", "offsets.topic.num.partitions=6",
            *SETTINGS]) + "\n")
        done = run_tool("kafka-storage", "format", "-t", CLUSTER_ID, "-c", self.properties)
        if done.returncode != 0:
            raise AssertionError(f"kafka-storage format: {done.stdout}{done.stderr}")

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                ["java", *JVM_FLAGS, "-cp", f"{LIBRARIES}/*", "kafka.Kafka", self.properties],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self):
        """kill -9: no word to anybody."""
        self.send(signal.SIGKILL)
        self.process.wait(30)

    def send(self, number):
        self.process.send_signal(number)

    def is_alive(self):
        return self.process is not None and self.process.poll() is None


class Cluster:
    def __enter__(self):
        if not any(LIBRARIES.glob("kafka-tools-*.jar")):
            raise AssertionError(f"no Apache Kafka in {LIBRARIES}: scripts/setup.sh peers")
        self.folder = tempfile.TemporaryDirectory(prefix="apache-kafka-")
        folder = pathlib.Path(self.folder.name)
        addresses = {number: f"127.0.0.1:{free_port()}" for number in NODES}
        controllers = {number: f"127.0.0.1:{free_port()}" for number in NODES}
        voters = ",".join(f"{number}@{controllers[number]}" for number in NODES)
        self.nodes = {number: Node(number, folder, voters, addresses[number], controllers[number])
                      for number in NODES}
        self.addresses = ",".join(addresses.values())
        self.admin = AdminClient({"bootstrap.servers": self.addresses, "log_level": 0})
        try:
            for node in self.nodes.values():
                node.start()
            wait_until(lambda: len(self.brokers()) == len(NODES), "three brokers are up", 180, 0.2)
        except BaseException:
            for node in self.nodes.values():
                print(node.log_path.read_text()[-2000:])
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for node in self.nodes.values():
            if node.is_alive():
                node.kill()
        self.folder.cleanup()

    def _metadata(self):
        try:
            return self.admin.list_topics(timeout=5)
        except KafkaException:
            return None

    def brokers(self):
        metadata = self._metadata()
        return set(metadata.brokers) if metadata else set()

    def leaders(self, topic):
        """Node by partition, of those that have a leader."""
        partitions = self._metadata().topics[topic].partitions
        return {number: partition.leader for number, partition in partitions.items()
                if partition.leader > 0}

    def is_whole(self):
        """Whether every copy of every partition is in sync again."""
        metadata = self._metadata()
        return metadata is not None and len(metadata.brokers) == len(NODES) and all(
            partition.leader > 0 and set(partition.isrs) == set(partition.replicas)
            for topic in metadata.topics.values() for partition in topic.partitions.values())

    def coordinator(self, group):
        """The node that leads the group."""
        def ask():
            try:
                groups = self.admin.list_groups(group, timeout=5)
            except KafkaException:
                return None
            return groups[0].broker.id if groups and groups[0].broker.id > 0 else None
        return wait_until(ask, f"{group} has a coordinator", 60, 0.2)
