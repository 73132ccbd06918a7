"""Athena's round trip and Glue's crawler, by boto3, against `ticklake up`."""

import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

from report import note, report
from s3_peers import TicklakeS3

PYTHON = "build/deps/aws/python/bin/python"
OBJECTS = int(os.environ.get("BENCH_CRAWL_OBJECTS", "10000"))
TURNS = 3


def told_by(node, program, *arguments):
    """The JSON object that a program of boto3 prints."""
    done = subprocess.run([PYTHON, "-B", f"bench/{program}", *map(str, arguments)],
                          env={**os.environ, **node.settings}, capture_output=True, text=True,
                          timeout=600, check=False)
    if done.returncode != 0:
        raise SystemExit(f"error: {program}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def measure_athena():
    """StartQueryExecution, GetQueryExecution until SUCCEEDED, GetQueryResults of SELECT 1."""
    with TicklakeS3() as node:
        told = told_by(node, "athena_client.py", 200)
        for client in ("boto3", "plain"):
            ms = told[client]
            note(f"Athena, SELECT 1, 200 times, {client}: p50 {ms['p50']:.2f} ms, p99 {ms['p99']:.2f}, "
                 f"{ms['calls']:.1f} calls each")
        report("Athena's round trip of SELECT 1 by boto3, p50", f"{told['boto3']['p50']:.2f}", "ms",
               "under 15 ms", told["boto3"]["p50"] < 15)
        report("the same, requests signed by botocore over one connection, p99",
               f"{told['plain']['p99']:.2f}", "ms", "under 15 ms", told["plain"]["p99"] < 15)


def measure_crawl():
    """A new crawler of so many small objects, beside pyarrow.dataset, which looks at the same files."""
    with tempfile.TemporaryDirectory(prefix="ticklake-bench-", dir=".") as data:
        subprocess.run([PYTHON, "-B", "bench/crawl_client.py", "make", Path(data, "buckets"),
                        str(OBJECTS)], check=True, timeout=600)
        with TicklakeS3(data=data) as node:
            for kind in ("json", "parquet"):
                compare_crawl(node, kind, Path(data, "buckets", kind))


def compare_crawl(node, kind, folder):
    crawled, inspected = [], []
    cpu_before = node.cpu_seconds()
    for turn in range(TURNS):
        crawled.append(told_by(node, "crawl_client.py", "crawl", kind, turn)["seconds"])
        inspected.append(told_by(node, "crawl_client.py", "inspect", folder, kind)["seconds"])
    cpu_ms = (node.cpu_seconds() - cpu_before) * 1e3 / TURNS
    ours, theirs = statistics.median(crawled), statistics.median(inspected)
    report(f"crawl of {OBJECTS:,} {kind} objects", f"{ours:.2f} s to pyarrow.dataset's {theirs:.2f} s, "
           f"{ours / theirs:.2f} of it, server CPU {cpu_ms:,.0f} ms", "", "1", ours <= theirs)


MEASURES = {"athena": measure_athena, "crawl": measure_crawl}
