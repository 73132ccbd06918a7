"""ticklake beside Apache Kafka: the same machine, run, client and durability, by turns.

Durability: "cache" is acks=1, answered from the page cache by both (Kafka's default flushes nothing
itself); "disk" is acks=all with an fsync before the answer, which is ticklake's own meaning of it
and Kafka's with flush.messages=1.
"""

import itertools
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time

from report import note, report
from peers import KafkaNode, TicklakeNode, start_seconds
from kafka import command
import page_cache
import wire

PROGRAMS = "build/bench/bench"
MEGABYTES = int(os.environ.get("BENCH_KAFKA_MB", "200"))  # of messages, each turn
TURNS = int(os.environ.get("BENCH_KAFKA_TURNS", "3"))
WIRE_MEGABYTES = int(os.environ.get("BENCH_WIRE_MB", "1000"))  # of batches, each turn
SECONDS = int(os.environ.get("BENCH_KAFKA_SECONDS", "5"))  # of each measure of latency
MESSAGES_MAX = 2_000_000
RATE_OUT_OF_REACH = 1_000_000_000  # messages a second
DISK = [("flush.messages", "1")]
PERF_FLAGS = ["-Xmx512M", "-server", "-XX:+UseG1GC"]  # what its shell script gives it
_serial = itertools.count()


def messages_of(size):
    return min(MESSAGES_MAX, MEGABYTES * 1_000_000 // size)


def told_by(*command_line):
    """The JSON object that a program prints."""
    line = [str(word) for word in command_line]
    done = subprocess.run(line, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise SystemExit(f"error: {' '.join(line)}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def run_program(program, *arguments):
    return told_by(f"{PROGRAMS}/{program}", *arguments)


def new_topic(node, partitions=1, disk=False):
    name = f"bench-{next(_serial)}"
    wire.create_topic(node.address, name, partitions,
                      DISK if disk and node.name == KafkaNode.name else ())
    return name


def by_turns(nodes, turns, measure):
    """measure(node) of each node in turn; the median of each, by name."""
    results = {node.name: [] for node in nodes}
    for turn in range(turns):
        for node in nodes if turn % 2 == 0 else reversed(nodes):
            results[node.name].append(measure(node))
    return {name: statistics.median(values) for name, values in results.items()}


def report_ratio(what, result, unit, goal):
    ours, theirs = result[TicklakeNode.name], result[KafkaNode.name]
    report(what, f"{ours:,.0f} to Kafka's {theirs:,.0f}, {ours / theirs:.2f}", unit, f"{goal} x",
           ours >= goal * theirs)


class Costs:
    """What servers and clients spent of the processors, so that it shows who was the limit."""

    def __init__(self, unit="a million messages"):
        self.unit = unit
        self.server_s = {TicklakeNode.name: [], KafkaNode.name: []}
        self.client_s = {TicklakeNode.name: [], KafkaNode.name: []}

    def of(self, node, units, run):
        """run(), with what it cost for each of so many units; it starts and ends the client."""
        server, client = node.cpu_seconds(), self._client_seconds()
        result = run()
        self.server_s[node.name].append((node.cpu_seconds() - server) / units)
        self.client_s[node.name].append((self._client_seconds() - client) / units)
        return result

    def tell(self):
        told = [f"{who} {self._median(used, TicklakeNode.name)}, with Kafka "
                f"{self._median(used, KafkaNode.name)}"
                for who, used in (("server", self.server_s), ("client", self.client_s))]
        note(f"CPU seconds {self.unit}: {'; '.join(told)}")

    @staticmethod
    def _client_seconds():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    @staticmethod
    def _median(used, name):
        return f"{statistics.median(used[name]):.2f}"


def produced_per_second(node, size, partitions, codec, acks, costs=None):
    topic = new_topic(node, partitions, disk=acks == "all")
    count = messages_of(size)
    page_cache.touch(count * (size + 30))

    def run():
        return run_program("produce_bench", node.address, topic, count, size, acks, partitions,
                           codec)["per_second"]
    rate = costs.of(node, count / 1e6, run) if costs else run()
    wire.delete_topic(node.address, topic)
    return rate


def warm_up(nodes):
    """A JVM is slow until it has compiled what runs often: not what is measured here."""
    for node in nodes:
        for partitions in (1, 10):
            produced_per_second(node, 100, partitions, "none", "1")


def compare_produce(nodes, size, partitions, codec, acks):
    costs = Costs()
    rates = by_turns(nodes, TURNS, lambda node: produced_per_second(node, size, partitions, codec,
                                                                    acks, costs))
    where = "cache" if acks == "1" else "disk"
    report_ratio(f"produce, {size} B, {partitions} partitions, {codec}, {where}", rates,
                 "messages/s", 2)
    costs.tell()


def measure_kafka_produce():
    """Producer throughput of librdkafka, answered from the page cache."""
    with TicklakeNode() as ours, KafkaNode() as theirs:
        nodes = [ours, theirs]
        warm_up(nodes)
        for size in (100, 1024):
            mock = run_program("produce_bench", "mock", "limit", messages_of(size), size, "1")
            note(f"the client's own limit, {size} B, into a cluster that stores nothing: "
                 f"{mock['per_second']:,.0f}/s")
            for partitions in (1, 10, 100):
                for codec in ("none", "lz4", "zstd"):
                    compare_produce(nodes, size, partitions, codec, "1")


def measure_kafka_durable():
    """The same with an fsync before each answer."""
    with TicklakeNode() as ours, KafkaNode() as theirs:
        warm_up([ours, theirs])
        for size in (100, 1024):
            for partitions in (1, 10, 100):
                compare_produce([ours, theirs], size, partitions, "none", "all")


def perf_test_per_second(node, size, acks, costs):
    topic = new_topic(node, 1, disk=acks == "all")
    page_cache.touch(messages_of(size) * (size + 30))
    line = command("kafka-producer-perf-test", "--topic", topic, "--num-records",
                   messages_of(size), "--record-size", size, "--throughput", -1, "--producer-props",
                   f"bootstrap.servers={node.address}", f"acks={acks}", "enable.idempotence=false",
                   flags=PERF_FLAGS)
    done = costs.of(node, messages_of(size) / 1e6, lambda: subprocess.run(
        line, capture_output=True, text=True, timeout=600, check=False))
    told = re.findall(r"records sent, ([\d.]+) records/sec", done.stdout)
    if done.returncode != 0 or not told:
        raise SystemExit(f"error: kafka-producer-perf-test: {done.stdout}{done.stderr}")
    wire.delete_topic(node.address, topic)
    return float(told[-1])


def measure_kafka_perf_test():
    """Producer throughput as Kafka's own tool tells it."""
    with TicklakeNode() as ours, KafkaNode() as theirs:
        warm_up([ours, theirs])
        for acks, where in (("1", "cache"), ("all", "disk")):
            for size in (100, 1024):
                costs = Costs()
                rates = by_turns([ours, theirs], TURNS,
                                 lambda node: perf_test_per_second(node, size, acks, costs))
                report_ratio(f"kafka-producer-perf-test, {size} B, {where}", rates, "records/s", 2)
                costs.tell()


def measure_kafka_consume():
    """Consumer throughput of librdkafka from the page cache."""
    with TicklakeNode() as ours, KafkaNode() as theirs:
        nodes = [ours, theirs]
        for size in (100, 1024):
            count = messages_of(size)
            topics = {}
            for node in nodes:
                topics[node.name] = new_topic(node)
                run_program("produce_bench", node.address, topics[node.name], count, size, "1")
            costs = Costs()
            rates = by_turns(nodes, TURNS, lambda node: costs.of(node, count / 1e6, lambda: run_program(
                "consume_bench", node.address, topics[node.name], count)["per_second"]))
            report_ratio(f"consume, {size} B", rates, "messages/s", 2)
            costs.tell()


def wire_megabytes_per_second(node, what, topic, partitions):
    return told_by(sys.executable, "-B", "bench/wire_client.py", what, node.address, topic,
                   partitions, WIRE_MEGABYTES)["megabytes_per_second"]


def measure_kafka_wire():
    """What the servers can do: requests that are made beforehand, answers that nobody decodes."""
    with TicklakeNode() as ours, KafkaNode() as theirs:
        nodes = [ours, theirs]
        warm_up(nodes)
        for partitions in (1, 10):
            topics = {node.name: new_topic(node, partitions) for node in nodes}

            def produce(node, costs):
                topic = new_topic(node, partitions)
                page_cache.touch(WIRE_MEGABYTES * 1_000_000)
                rate = costs.of(node, WIRE_MEGABYTES / 1000, lambda: wire_megabytes_per_second(
                    node, "produce", topic, partitions))
                wire.delete_topic(node.address, topic)
                return rate

            def fetch(node, costs):
                return costs.of(node, WIRE_MEGABYTES / 1000, lambda: wire_megabytes_per_second(
                    node, "fetch", topics[node.name], partitions))
            for node in nodes:
                wire_megabytes_per_second(node, "produce", topics[node.name], partitions)
            for what, measure in (("produce", produce), ("fetch", fetch)):
                costs = Costs("a gigabyte")
                rates = by_turns(nodes, TURNS, lambda node: measure(node, costs))
                report_ratio(f"wire, {what}, 100 B, {partitions} partitions, cache", rates, "MB/s",
                             2)
                costs.tell()


def latency(node, rate, count, acks, linger_ms):
    topic = new_topic(node, disk=acks == "all")
    page_cache.touch(count * 130)
    result = run_program("latency_bench", node.address, topic, rate, count, 100, acks,
                         linger_ms)
    wire.delete_topic(node.address, topic)
    return result


def measure_kafka_latency():
    """End to end, one partition, 100 B, at 10% and 50% of the slower one's peak: how many messages
    a second get from the producer to the consumer when it sends as many as it can."""
    with TicklakeNode() as ours, KafkaNode() as theirs:
        nodes = [ours, theirs]
        warm_up(nodes)
        for acks, where in (("1", "cache"), ("all", "disk")):
            peaks = by_turns(nodes, TURNS, lambda node: latency(
                node, RATE_OUT_OF_REACH, MESSAGES_MAX, acks, linger_ms=5)["per_second"])
            note(f"end to end at most, {where}: ticklake {peaks[ours.name]:,.0f}/s, "
                 f"Kafka {peaks[theirs.name]:,.0f}/s")
            for share in (0.1, 0.5):
                rate = int(min(peaks.values()) * share)
                compare_latency(nodes, rate, acks, f"latency at {share:.0%} of the peak, {where}")


def latencies_ms(nodes, rate, acks, linger_ms):
    """The medians of the turns' quantiles, by the node's name."""
    told = {node.name: [] for node in nodes}
    for turn in range(TURNS):
        for node in nodes if turn % 2 == 0 else reversed(nodes):
            told[node.name].append(latency(node, rate, rate * SECONDS, acks, linger_ms))
    medians = {name: {quantile: statistics.median(result[quantile] for result in results) / 1000
                      for quantile in ("p50", "p99", "p99_9", "max")}
               for name, results in told.items()}
    for name, ms in medians.items():
        note(f"{name}, {rate:,}/s, linger.ms={linger_ms}: p50 {ms['p50']:.2f} ms, "
             f"p99 {ms['p99']:.2f}, p99.9 {ms['p99_9']:.2f}, max {ms['max']:.2f}")
    return medians


def compare_latency(nodes, rate, acks, what):
    """The goal is for a client that does not wait; librdkafka's own wait of 5 ms is told beside."""
    latencies_ms(nodes, rate, acks, linger_ms=5)
    told = latencies_ms(nodes, rate, acks, linger_ms=0)
    part = told[TicklakeNode.name]["p99"] / told[KafkaNode.name]["p99"]
    report(f"{what}, p99", f"{part:.2f}", "of Kafka's", "1/5", part <= 0.2)


def measure_kafka_memory():
    """Resident memory at rest, and its peak while records come in and go out."""
    with TicklakeNode() as ours, KafkaNode() as theirs:
        nodes = [ours, theirs]
        topics = {node.name: new_topic(node, 10) for node in nodes}
        time.sleep(5)
        at_rest = {node.name: node.resident_mb() for node in nodes}
        peak = {}
        for node in nodes:
            node.forget_peak()
            run_program("produce_bench", node.address, topics[node.name], messages_of(100), 100,
                        "1", 10)
            run_program("consume_bench", node.address, topics[node.name], messages_of(100), 10)
            peak[node.name] = node.peak_mb()
        for what, memory in (("at rest", at_rest), ("under load", peak)):
            mine, other = memory[ours.name], memory[theirs.name]
            report(f"memory {what}", f"{mine:.0f} MB to Kafka's {other:.0f}, {mine / other:.3f}",
                   "of it", "1/10", mine <= other / 10)


def measure_kafka_start():
    """From exec to the first acknowledged produce into a topic that is there, acks=all."""
    with TicklakeNode() as ours, KafkaNode() as theirs:
        nodes = [ours, theirs]
        topics = {}
        for node in nodes:
            topics[node.name] = new_topic(node)
            node.stop()

        def start_once(node):
            seconds = start_seconds(node, topics[node.name])
            node.stop()
            return seconds
        took = by_turns(nodes, TURNS, start_once)
        for node in nodes:
            node.start()
        mine, other = took[ours.name], took[theirs.name]
        report("start to first acknowledged produce",
               f"{mine:.3f} s to Kafka's {other:.2f} s, {mine / other:.4f}", "of it", "1/20",
               mine <= other / 20)


MEASURES = {"kafka-start": measure_kafka_start, "kafka-memory": measure_kafka_memory,
            "kafka-produce": measure_kafka_produce, "kafka-durable": measure_kafka_durable,
            "kafka-perf-test": measure_kafka_perf_test, "kafka-consume": measure_kafka_consume,
            "kafka-wire": measure_kafka_wire,
            "kafka-latency": measure_kafka_latency}
