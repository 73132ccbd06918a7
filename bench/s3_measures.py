"""ticklake as an S3 server beside versitygw and Ceph's radosgw: the same machine, run, disk and client, by
turns.

Durability: ticklake and radosgw answer a PUT when it is on the disk. versitygw syncs nothing, so it is
measured both ways: beside it with its client's fsync of the object and its folder before the next PUT, and
as it is beside ticklake without its own fsyncs (Debian's eatmydata).
"""

import contextlib
import json
import os
import statistics
import subprocess

from report import note, report
from s3_peers import Radosgw, TicklakeS3, Versitygw
import page_cache

S3_BENCH = "build/bench/bench/s3_bench"
CONNECTIONS = 32
TURNS = int(os.environ.get("BENCH_S3_TURNS", "3"))
SECONDS = float(os.environ.get("BENCH_S3_SECONDS", "5"))  # of each turn
KEYS = int(os.environ.get("BENCH_S3_KEYS", "100000"))  # that are listed
LARGE_BYTES = int(os.environ.get("BENCH_S3_LARGE_MB", "1024")) << 20
PUTS_PER_SECOND_MAX = {1 << 10: 15_000, 1 << 20: 800}  # as many are signed beforehand
TOUCHED = 1 << 30  # bytes: what a turn of PUTs of 1 MB writes
SMALL, MEGABYTE = 1 << 10, 1 << 20


def size_text(size):
    return f"{size >> 20} MB" if size >= MEGABYTE else f"{size >> 10} KB"


class Contender:
    """A server with the way in which it is used."""

    def __init__(self, node, name=None, syncs=False):
        self.node = node
        self.name = name or node.name
        self.folder = [node.folder] if syncs else []

    def run(self, operation, prefix, count, size=0, connections=CONNECTIONS, seconds=SECONDS):
        """What s3_bench tells, with the processors' time that the server took: `cpu_s`."""
        line = [S3_BENCH, operation, self.node.address, "bench", prefix, count, size, connections,
                seconds, *self.folder]
        before = self.node.cpu_seconds()
        done = subprocess.run([str(word) for word in line], env=self.node.environment(),
                              capture_output=True, text=True, timeout=3600, check=False)
        if done.returncode != 0:
            raise SystemExit(f"error: s3_bench, {self.name}: {done.stdout}{done.stderr}")
        return {**json.loads(done.stdout), "cpu_s": self.node.cpu_seconds() - before}


def by_turns(contenders, measure, turns=TURNS):
    """measure(contender, turn) of each in turn: the results of each, by name."""
    results = {contender.name: [] for contender in contenders}
    for turn in range(turns):
        for contender in contenders if turn % 2 == 0 else reversed(contenders):
            results[contender.name].append(measure(contender, turn))
    return results


def tell(what, results, figure, unit, goal, work="requests"):
    """The medians of `figure`; the first contender beside the better one of the others."""
    names = list(results)
    median = {name: statistics.median(turn[figure] for turn in results[name]) for name in names}
    best = max(names[1:], key=median.get)
    ratio = median[names[0]] / median[best]
    others = ", ".join(f"{name} {median[name]:,.0f}" for name in names[1:])
    report(what, f"{median[names[0]]:,.0f} {unit}; {others}; {ratio:.2f}", f"x {best}", f"{goal} x",
           ratio >= goal)
    cost = {name: statistics.median(turn["cpu_s"] * 1e6 / turn[work] for turn in results[name])
            for name in names}
    waits = {name: [statistics.median(turn[q] for turn in results[name]) for q in ("p50_ms", "p99_ms")]
             for name in names}
    note("server CPU, latency p50 and p99: " + "; ".join(
        f"{name} {cost[name]:,.0f} us, {waits[name][0]:.1f} and {waits[name][1]:.1f} ms"
        for name in names))


def create_bucket(node):
    line = ["build/deps/aws/python/bin/python", "-c",
            "import boto3, sys; boto3.client('s3', endpoint_url=sys.argv[1], region_name='us-east-1')"
            ".create_bucket(Bucket='bench')", f"http://{node.address}"]
    subprocess.run(line, env=node.environment(), check=True, timeout=60)
    return node


@contextlib.contextmanager
def servers(*nodes):
    """All of them, each with an empty bucket `bench`."""
    with contextlib.ExitStack() as stack:
        yield [create_bucket(stack.enter_context(node)) for node in nodes]


def compare_put(contenders, size, where):
    count = max(1, int(PUTS_PER_SECOND_MAX[size] * SECONDS))

    def put(contender, turn):
        page_cache.touch(TOUCHED if size == MEGABYTE else TOUCHED // 4)
        return contender.run("put", f"{where.replace(' ', '-')}-{size}-{turn}/", count, size)
    tell(f"PUT {size_text(size)}, {where}", by_turns(contenders, put), "per_second", "a second", 1)


def measure_s3_put():
    """Whole objects, each with a new key, the SHA-256 of the body signed."""
    unsynced = TicklakeS3("ticklake without fsync", prefix=("eatmydata",))
    with servers(TicklakeS3(), Versitygw(), Radosgw(), unsynced) as (ours, versity, rados, loose):
        for size in (SMALL, MEGABYTE):
            compare_put([Contender(ours), Contender(versity, "versitygw and fsync", syncs=True),
                         Contender(rados)], size, "on disk")
            compare_put([Contender(loose), Contender(versity)], size, "nothing synced")


def measure_s3_get():
    """Of 1,000 objects of 1 KB, and of 100 of 1 MB, all in memory."""
    with servers(TicklakeS3(), Versitygw(), Radosgw()) as nodes:
        contenders = [Contender(node) for node in nodes]
        for size, count, goal in ((SMALL, 1000, 2), (MEGABYTE, 100, 0.9)):
            for contender in contenders:
                contender.run("put", f"{size}/", count, size, seconds=0)
            results = by_turns(contenders, lambda contender, _: contender.run(
                "get", f"{size}/", count))
            tell(f"GET {size_text(size)}", results, "per_second", "a second", goal)


def measure_s3_list():
    """All keys by one connection, one page after the other; and by 32, each with its share."""
    with servers(TicklakeS3(), Versitygw(), Radosgw()) as nodes:
        contenders = [Contender(node) for node in nodes]
        for contender in contenders:
            contender.run("put", "k/", KEYS, 16, seconds=0)
        walk = by_turns(contenders, lambda contender, _: contender.run("list", "k/", KEYS, 0, 1, 0))
        if any(turn["keys"] != KEYS for turns in walk.values() for turn in turns):
            raise SystemExit("error: a listing has not all keys")
        tell(f"LIST of {KEYS:,} keys, 1 connection", walk, "keys_per_second", "keys a second", 2)
        share = by_turns(contenders, lambda contender, _: contender.run("list", "k/", KEYS))
        tell(f"LIST, {CONNECTIONS} connections", share, "keys_per_second", "keys a second", 2)


def measure_s3_large():
    """One object of 1 GB, in memory: as a whole by one connection, in ranges of 8 MB by 32."""
    with servers(TicklakeS3(), Versitygw(), Radosgw()) as nodes:
        contenders = [Contender(node) for node in nodes]
        for contender in contenders:
            page_cache.touch(LARGE_BYTES)
            contender.run("put", "large", 1, LARGE_BYTES, 1, 0)
        ranges = LARGE_BYTES >> 23
        for what, measure in (
                ("1 connection", lambda contender, _: contender.run("get", "large", 1, 0, 1, 0)),
                (f"{CONNECTIONS} connections, ranges of 8 MB", lambda contender, _: contender.run(
                    "ranges", "large00000000", ranges, LARGE_BYTES, CONNECTIONS, 0))):
            by_turns(contenders, measure, 1)  # once, so that it is in memory
            tell(f"GET {LARGE_BYTES >> 20:,} MB, {what}", by_turns(contenders, measure),
                 "megabytes_per_second", "MB/s", 0.9)


MEASURES = {"s3-get": measure_s3_get, "s3-put": measure_s3_put, "s3-list": measure_s3_list,
            "s3-large": measure_s3_large}
