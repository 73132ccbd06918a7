"""Measures ticklake against its peers and limits, on this machine, in this run.

Each figure is printed beside what it is compared with and its goal; the exit status is 1 if a goal
is missed. The peers: librdkafka's in-process mock cluster (stores nothing) and Apache Kafka
(kafka_measures.py) for the broker, DuckDB's own read_json of the same lines for the sink, versitygw
and Ceph's radosgw (s3_measures.py) for S3, pyarrow.dataset (query_measures.py) for the crawler.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).parent.parent / "tests"
sys.path[:0] = [str(TESTS / "pipeline"), str(TESTS / "aws")]

from pipeline import BINARY, Pipeline, run, wait_until  # noqa: E402
from plain_duckdb import PlainDuckDb  # noqa: E402
import kafka_measures  # noqa: E402
import page_cache  # noqa: E402
import query_measures  # noqa: E402
import s3_measures  # noqa: E402
from report import missed, note, report  # noqa: E402

PRODUCE_BENCH = "build/bench/bench/produce_bench"
MESSAGES = int(os.environ.get("BENCH_MESSAGES", "3000000"))
TURNS = 7
TOUCHED = MESSAGES * 130  # bytes: what a turn writes
TRADES = int(os.environ.get("BENCH_TRADES", "10000000"))


def produce_once(target, topic, acks):
    done = subprocess.run([PRODUCE_BENCH, target, topic, str(MESSAGES), "100", acks],
                          capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise SystemExit(f"error: produce_bench {target}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout)["per_second"]


def measure_produce():
    """(a) The same client into the broker on disk and into a mock cluster, turn by turn."""
    with tempfile.TemporaryDirectory(prefix="ticklake-bench-", dir=".") as data:
        found, touched = page_cache.touch(TOUCHED, data), page_cache.touch(TOUCHED, data)
        note(f"page cache, memory as it was found: {found:,.0f} MB/s; just touched: "
             f"{touched:,.0f} MB/s")
        with BrokerProcess(data) as broker:
            for acks in ("1", "all"):
                mocks, brokers = [], []
                cpu_before = broker.cpu_seconds()
                for turn in range(TURNS):
                    page_cache.touch(TOUCHED, data)
                    mocks.append(produce_once("mock", "bench", acks))
                    page_cache.touch(TOUCHED, data)
                    brokers.append(produce_once(broker.address, f"bench-{acks}-{turn}", acks))
                cpu_us = (broker.cpu_seconds() - cpu_before) * 1e6 / MESSAGES / TURNS
                ratios = sorted(b / m for b, m in zip(brokers, mocks))
                ratio = statistics.median(ratios)
                note(f"acks={acks}: broker {statistics.median(brokers):,.0f}/s, "
                     f"mock {statistics.median(mocks):,.0f}/s, ratios {ratios[0]:.2f} to "
                     f"{ratios[-1]:.2f}, broker CPU {cpu_us:.2f} us a message")
                report(f"producer throughput, 100 B, acks={acks}, broker to mock", f"{ratio:.2f}",
                       "x", "0.8", ratio >= 0.8)


class BrokerProcess:
    """`ticklake broker` alone."""

    def __init__(self, data):
        from pipeline import free_port
        self.address = f"127.0.0.1:{free_port()}"
        self.data = data

    def __enter__(self):
        self.process = subprocess.Popen([BINARY, "broker", "--data", self.data, "--kafka-listen",
                                         self.address], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        wait_until(lambda: subprocess.run(["kcat", "-b", self.address, "-L", "-m", "2"],
                                          capture_output=True, check=False).returncode == 0,
                   "the broker answers")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure_latency():
    """(b) From the call of produce (event_time) to visible in SQL, at 1,000 ticks a second."""
    with Pipeline("--rate", "1000/s", "--flush-age", "5s") as pipeline:
        wait_until(lambda: pipeline.value_or("SELECT count(*) FROM trades", 0) > 3000, "trades")
        start = pipeline.value("SELECT max(seq) FROM trades")
        seen_from_outside = poll_freshness(pipeline, seconds=5)
        wait_until(lambda: pipeline.value("SELECT max(seq) FROM trades") > start + 30_000,
                   "30 s of trades")
        p50, p99, p999, count = pipeline.query(
            "SELECT quantile_cont(us, 0.5), quantile_cont(us, 0.99), quantile_cont(us, 0.999),"
            " count(us) FROM (SELECT epoch_us(_visible_time) - epoch_us(event_time) AS us"
            f" FROM trades WHERE seq > {start})")[0]
        note(f"p50 {p50 / 1000:.2f} ms, p99.9 {p999 / 1000:.2f} ms over {count:,} ticks, commits of"
             " the lake every 5 s included")
        note("newest tick's age when a query of its own returned, by an outside poller: "
             f"p50 {statistics.median(seen_from_outside):.1f} ms, "
             f"p99 {statistics.quantiles(seen_from_outside, n=100)[98]:.1f} ms "
             "(adds the wait for the next tick, the query and HTTP)")
        report("tick to SQL at 1,000 ticks/s, p99", f"{p99 / 1000:.2f}", "ms", "under 10 ms",
               p99 < 10_000)


def poll_freshness(pipeline, seconds):
    ages = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        newest_us = pipeline.value("SELECT epoch_us(max(event_time)) FROM trades")
        ages.append(time.time() * 1000 - newest_us / 1000)
    return ages


def measure_sink():
    """(c) A full topic through broker and sink to Parquet; DuckDB's read_json as the peer."""
    with tempfile.TemporaryDirectory(prefix="ticklake-bench-", dir=".") as data:
        with BrokerProcess(data) as broker:
            run("feed", "simulate", "--kafka", broker.address, "--topic", "trades", "--rate",
                "max", "--count", str(TRADES), timeout=300)
            cpu_before = broker.cpu_seconds()
            start = time.monotonic()
            sink = subprocess.Popen([BINARY, "sink", "--kafka", broker.address, "--topic",
                                     "trades", "--lake", f"{data}/lake", "--until-end"],
                                    stderr=subprocess.PIPE, text=True)
            _, said = sink.communicate(timeout=300)
            seconds = time.monotonic() - start
            if sink.returncode != 0:
                raise SystemExit(f"error: sink: {said}")
            broker_cpu = broker.cpu_seconds() - cpu_before
            lines = f"{data}/trades.ndjson"
            with open(lines, "wb") as out:
                subprocess.run(["kcat", "-b", broker.address, "-C", "-t", "trades", "-e", "-q"],
                               stdout=out, check=True, timeout=300)
        duckdb = PlainDuckDb()
        duckdb.rows("SET threads = 2")
        rows = int(duckdb.value(f"SELECT count(*) FROM read_parquet('{data}/lake/trades/*/*.parquet')"))
        if rows != TRADES:
            raise SystemExit(f"error: {rows} rows in the files, {TRADES} sent")
        peer_start = time.monotonic()
        duckdb.rows(f"COPY (SELECT * FROM read_json('{lines}', format='newline_delimited') ORDER BY"
                    f" symbol, event_time) TO '{data}/peer.parquet' (COMPRESSION zstd)")
        peer = TRADES / (time.monotonic() - peer_start)
        rate = TRADES / seconds
        note(f"broker CPU {broker_cpu:.2f} s; DuckDB's read_json of the same lines from a file to "
             f"sorted Parquet: {peer:,.0f}/s, ratio {rate / peer:.2f}")
        report("broker to sink to Parquet, JSON trades", f"{rate:,.0f}", "a second",
               "1,000,000", rate >= 1_000_000)


def resident_mb(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as smaps:
        fields = dict(line.split(":", 1) for line in smaps if ":" in line)
    return {name: int(fields[name].split()[0]) / 1024 for name in ("Rss", "Pss")}


def measure_memory():
    """(d) Memory of `ticklake up` at rest: started, data set replayed, nothing arriving."""
    with Pipeline("--feed", "replay") as pipeline:
        wait_until(lambda: pipeline.value_or("SELECT count(*) FROM sp500", 0) == 5105, "the data")
        time.sleep(5)
        memory = resident_mb(pipeline.process.pid)
        report("memory of `up` at rest", f"{memory['Rss']:.0f}", "MB resident", "under 100 MB",
               memory["Rss"] < 100)
    with Pipeline() as pipeline:
        wait_until(lambda: pipeline.value_or("SELECT count(*) FROM trades", 0) > 20_000, "trades")
        memory = resident_mb(pipeline.process.pid)
        note(f"with 1,000 trades a second, after 20 s: {memory['Rss']:.0f} MB")


def measure_start():
    """From exec of `ticklake up` to the first row in SQL."""
    times = []
    for _ in range(5):
        pipeline = Pipeline()
        start = time.monotonic()
        pipeline.spawn()
        try:
            wait_until(lambda: first_row(pipeline), "a row in SQL", interval_s=0.002)
            times.append(time.monotonic() - start)
        finally:
            pipeline.__exit__(None)
    report("exec of `up` to the first row in SQL", f"{statistics.median(times):.2f}",
           f"s (worst of 5: {max(times):.2f})", "under 1 s", statistics.median(times) < 1)


def first_row(pipeline):
    try:
        return pipeline.value_or("SELECT count(*) FROM trades", 0) > 0
    except OSError:
        return False  # not listening yet


MEASURES = {"start": measure_start, "memory": measure_memory, "produce": measure_produce,
            "latency": measure_latency, "sink": measure_sink,
            **kafka_measures.MEASURES, **s3_measures.MEASURES, **query_measures.MEASURES}
PARTS = {"kafka": kafka_measures.MEASURES, "s3": s3_measures.MEASURES,
         "aws": {**s3_measures.MEASURES, **query_measures.MEASURES}}


def main():
    asked = sys.argv[1:] or list(MEASURES)
    unknown = [name for name in asked if name not in MEASURES and name not in PARTS]
    if unknown:
        raise SystemExit(f"error: no measure {unknown[0]}; try: {', '.join([*PARTS, *MEASURES])}")
    chosen = [name for part in asked for name in PARTS.get(part, [part])]
    with open("/proc/cpuinfo", encoding="ascii") as cpuinfo:
        model = next(line.split(":")[1].strip() for line in cpuinfo if "model name" in line)
    print(f"     {os.cpu_count()} cores {model}, Linux {platform.release()}")
    for name in chosen:
        MEASURES[name]()
    print(f"{len(chosen)} measures, {len(missed)} goals missed")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
