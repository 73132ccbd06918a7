"""Apache Kafka itself, as scripts/setup.sh kafka fetched it from Maven: one node of it (KRaft) with
the settings that its own start script uses, and its command-line tools."""

import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBRARIES = pathlib.Path(os.environ.get("KAFKA_LIBRARIES", ROOT / "build/deps/kafka"))
VERSION = "4.4.0"

# What kafka-server-start.sh and kafka-run-class.sh give the JVM.
SERVER_FLAGS = ["-Xmx1G", "-Xms1G", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
                "-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent",
                "-XX:MaxInlineLevel=15", "-Djava.awt.headless=true"]
# A tool lives for a second: it need not compile well.
TOOL_FLAGS = ["-Xmx256M", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"]

TOOLS = {
    "kafka-acls": "org.apache.kafka.tools.AclCommand",
    "kafka-broker-api-versions": "org.apache.kafka.tools.BrokerApiVersionsCommand",
    "kafka-cluster": "org.apache.kafka.tools.ClusterTool",
    "kafka-configs": "org.apache.kafka.tools.ConfigCommand",
    "kafka-console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
    "kafka-console-producer": "org.apache.kafka.tools.ConsoleProducer",
    "kafka-consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    "kafka-consumer-perf-test": "org.apache.kafka.tools.ConsumerPerformance",
    "kafka-delete-records": "org.apache.kafka.tools.DeleteRecordsCommand",
    "kafka-dump-log": "org.apache.kafka.tools.DumpLogSegments",
    "kafka-e2e-latency": "org.apache.kafka.tools.EndToEndLatency",
    "kafka-features": "org.apache.kafka.tools.FeatureCommand",
    "kafka-get-offsets": "org.apache.kafka.tools.GetOffsetShell",
    "kafka-groups": "org.apache.kafka.tools.GroupsCommand",
    "kafka-log-dirs": "org.apache.kafka.tools.LogDirsCommand",
    "kafka-producer-perf-test": "org.apache.kafka.tools.ProducerPerformance",
    "kafka-storage": "kafka.tools.StorageTool",
    "kafka-topics": "org.apache.kafka.tools.TopicCommand",
    "kafka-transactions": "org.apache.kafka.tools.TransactionsCommand",
    "kafka-verifiable-consumer": "org.apache.kafka.tools.VerifiableConsumer",
    "kafka-verifiable-producer": "org.apache.kafka.tools.VerifiableProducer",
}


def command(tool, *arguments, flags=TOOL_FLAGS):
    """The command line of one of Kafka's shell scripts."""
    if not any(LIBRARIES.glob("kafka-tools-*.jar")):
        raise AssertionError(f"no Apache Kafka in {LIBRARIES}: scripts/setup.sh kafka fetches it")
    return ["java", *flags, "-cp", f"{LIBRARIES}/*", TOOLS[tool], *map(str, arguments)]


def run_tool(tool, *arguments, stdin="", timeout=90):
    """Runs a tool to its end; its exit status, stdout and stderr."""
    return subprocess.run(command(tool, *arguments), input=stdin, capture_output=True, text=True,
                          timeout=timeout, check=False)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Kafka:
    """One node of Apache Kafka that is broker and controller, on loopback, in a folder that goes
    with it. `settings` are lines of server.properties."""

    def __init__(self, settings=(), folder=None):
        self.folder = tempfile.TemporaryDirectory(prefix="apache-kafka-", dir=folder)
        self.path = pathlib.Path(self.folder.name)
        self.address = f"127.0.0.1:{free_port()}"
        self.settings = settings
        self.process = None
        self.started_s = None  # from exec to the first answered connection

    def __enter__(self):
        self._format()
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(30)
        self.folder.cleanup()

    def _format(self):
        controller = f"127.0.0.1:{free_port()}"
        lines = ["process.roles=broker,controller", "node.id=1",
                 f"controller.quorum.voters=1@{controller}",
                 f"listeners=PLAINTEXT://{self.address},CONTROLLER://{controller}",
                 "controller.listener.names=CONTROLLER", f"log.dirs={self.path / 'data'}",
                 "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=1",
                 "transaction.state.log.replication.factor=1",
                 "transaction.state.log.num.partitions=1", "transaction.state.log.min.isr=1",
                 "group.initial.rebalance.delay.ms=0", *self.settings]
        self.properties = self.path / "server.properties"
        self.properties.write_text("\n".join(lines) + "\n")
        done = run_tool("kafka-storage", "format", "-t", "dGlja2xha2UtcGVlci0wMQ", "-c",
                        self.properties)
        if done.returncode != 0:
            raise AssertionError(f"kafka-storage format: {done.stdout}{done.stderr}")

    def start(self):
        began = time.monotonic()
        self.spawn()
        deadline = began + 120
        while not self._is_listening():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"Apache Kafka did not start:\n{self.log_path.read_text()}")
            time.sleep(0.01)
        self.started_s = time.monotonic() - began

    def spawn(self):
        """Starts it and does not wait."""
        self.log_path = self.path / "server.log"
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                ["java", *SERVER_FLAGS, "-cp", f"{LIBRARIES}/*", "kafka.Kafka", self.properties],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def _is_listening(self):
        host, port = self.address.split(":")
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            return False
        return True
