"""A broker behind a proxy, clients that write their histories, and faults at random moments."""

import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "clients"))

from broker import Broker, wait_until  # noqa: E402
from proxy import Proxy  # noqa: E402

PARTITIONS = 2


class ProxiedBroker(Broker):
    """Tells its clients the proxy's address, so that nobody goes around it."""

    def __init__(self):
        super().__init__()
        self.proxy = Proxy(self.port)
        self.bootstrap = f"127.0.0.1:{self.proxy.port}"

    def listen_flags(self):
        return ["--kafka-listen", self.address, "--advertise", self.bootstrap]

    def __exit__(self, *what):
        self.proxy.stop()
        super().__exit__(*what)


class Client:
    """A process of client.py; its history is a file."""

    def __init__(self, folder, name, *arguments):
        self.arguments = [str(argument) for argument in arguments]
        self.path = pathlib.Path(folder) / f"{name}.jsonl"
        self.complaints = open(pathlib.Path(folder) / f"{name}.stderr", "ab")
        self.process = None
        self.start()

    def start(self):
        with open(self.path, "ab") as history:
            self.process = subprocess.Popen(
                ["/usr/bin/python3", "-B", str(HERE / "client.py"), *self.arguments],
                stdin=subprocess.PIPE, stdout=history, stderr=self.complaints)

    def kill(self):
        """As a machine that is gone; whoever starts it again gives it another name."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.complaints.close()

    def end(self, seconds=120):
        self.process.stdin.close()
        code = self.process.wait(timeout=seconds)
        self.complaints.close()
        assert code == 0, f"{self.path.stem} ended with {code}: {self.said()}"

    def end_or_kill(self, seconds=20):
        """For one whose work is done: librdkafka 2.0.2 can wait for ever for a coordinator that went away
        under it (in close() and in calls of transactions, which their timeouts do not end)."""
        self.process.stdin.close()
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            print(f"{self.path.stem} does not end: killed", flush=True)
            self.process.kill()
            self.process.wait()
        self.complaints.close()

    def is_running(self):
        return self.process.poll() is None

    def said(self):
        return self.path.with_suffix(".stderr").read_text(errors="replace")[-2000:]

    def history(self):
        # The last line of one that was killed may be cut.
        lines = self.path.read_text().split("\n")[:-1]
        return [json.loads(line) for line in lines]


def read_to_end(broker, isolation, topic):
    """{(partition, offset): value} of a quiet broker, asked directly."""
    from confluent_kafka import Consumer, KafkaError, TopicPartition
    consumer = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "last",
                         "enable.auto.commit": False, "isolation.level": isolation,
                         "enable.partition.eof": True, "auto.offset.reset": "error",
                         "log_level": 0})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])
    found, ended = {}, set()
    deadline = time.monotonic() + 120
    while len(ended) < PARTITIONS:
        assert time.monotonic() < deadline, f"{topic} {isolation} is not read to its end: {ended}"
        for message in consumer.consume(1000, timeout=0.2):
            if message.error() is None:
                found[message.partition(), message.offset()] = message.value().decode()
                ended.discard(message.partition())
            elif message.error().code() == KafkaError._PARTITION_EOF:
                ended.add(message.partition())
    consumer.close()
    return found


class Faults:
    """One fault after the other, each at a random moment, until a time is over."""

    KINDS = ("kill", "stop", "cut", "cut some")

    def __init__(self, broker, seed, kinds=KINDS, pause_s=(0.1, 1.5)):
        self.broker = broker
        self.chance = random.Random(seed)
        self.kinds = kinds
        self.pause_s = pause_s
        self.count = 0

    def run_for(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.one()

    def one(self):
        # Waits for nothing: the random moment is the test.
        time.sleep(self.chance.uniform(*self.pause_s))
        kind = self.chance.choice(self.kinds)
        self.count += 1
        if kind == "kill":
            self.broker.stop(signal.SIGKILL)
            self.broker.start()
        elif kind == "stop":
            self.broker.process.send_signal(signal.SIGSTOP)
            time.sleep(self.chance.uniform(0.05, 2))
            self.broker.process.send_signal(signal.SIGCONT)
        else:
            self.broker.proxy.cut(self.chance, 1.0 if kind == "cut" else 0.4)


def seed_of_this_run():
    seed = int(os.environ.get("TICKLAKE_SEED") or random.randrange(2**32))
    print(f"TICKLAKE_SEED={seed}", flush=True)
    return seed
