"""Many small objects, as the tutorial's consumer leaves them: a crawl finds their table, Athena counts each of
them, within the memory that half a million may take. SMALL_OBJECTS says how many they are."""

import json
import os
import pathlib
import time
import unittest

from stack import Pipeline, client, settings, wait_until

OBJECTS = int(os.environ.get("SMALL_OBJECTS", 20_000))
BUCKET = "stock-market"
# Of half a million objects too: SMALL_OBJECTS=500000 with a release binary (TICKLAKE=build/release/ticklake).
MEMORY_BYTES_MAX = 512 << 20


def make_objects(folder):
    """Files of a folder are objects of a bucket from the next start on; PUTs would leave the same."""
    os.makedirs(folder)
    for count in range(OBJECTS):
        row = {"index": "HSI", "date": f"1986-{count % 12 + 1:02}-{count % 28 + 1:02}", "open": 2568.25 + count,
               "high": 2580.5, "low": 2532.75, "close": 2540.0, "volume": count}
        (folder / f"stock_market_{count}.json").write_text(json.dumps(row))


def memory(process, name):
    """VmRSS, or VmHWM: the most since it was reset."""
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"no {name}")


class SmallObjects(unittest.TestCase):
    def test_all_are_crawled_and_counted_in_bounded_memory(self):
        # AddressSanitizer keeps what was freed, by default 256 MiB of it.
        os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=8"
        up = Pipeline("--feed", "none")
        self.addCleanup(up.__exit__, None)
        make_objects(pathlib.Path(up.data, "buckets", BUCKET))
        begin = time.monotonic()
        up.start()
        started = time.monotonic()
        given = settings(up.data) | {"AWS_ENDPOINT_URL": up.aws_url}
        glue, athena = client("glue", given), client("athena", given)
        before = memory(up.process, "VmRSS")
        pathlib.Path(f"/proc/{up.process.pid}/clear_refs").write_text("5")

        glue.create_database(DatabaseInput={"Name": "market"})
        glue.create_crawler(Name="stocks", Role="arn:aws:iam::000000000000:role/glue", DatabaseName="market",
                            Targets={"S3Targets": [{"Path": f"s3://{BUCKET}/"}]})
        glue.start_crawler(Name="stocks")
        wait_until(lambda: glue.get_crawler(Name="stocks")["Crawler"]["State"] == "READY", "the crawl ends",
                   deadline_s=600, interval_s=0.1)
        self.assertEqual(glue.get_crawler(Name="stocks")["Crawler"]["LastCrawl"]["Status"], "SUCCEEDED")
        crawled = time.monotonic()

        def ended(query):
            execution = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            return execution["Status"] if execution["Status"]["State"] not in ("QUEUED", "RUNNING") else None
        query = athena.start_query_execution(
            QueryString="SELECT count(*), count(DISTINCT volume), sum(open), min(date) FROM stock_market",
            QueryExecutionContext={"Database": "market"})["QueryExecutionId"]
        status = wait_until(lambda: ended(query), "the query ends", deadline_s=600, interval_s=0.1)
        self.assertEqual(status["State"], "SUCCEEDED", status)
        rows = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        count, distinct, opens, first = (each["VarCharValue"] for each in rows[1]["Data"])
        self.assertEqual((int(count), int(distinct), float(opens), first),
                         (OBJECTS, OBJECTS, 2568.25 * OBJECTS + OBJECTS * (OBJECTS - 1) / 2, "1986-01-01"))

        grown = memory(up.process, "VmHWM") - before
        print(f"{OBJECTS} objects: indexed in {started - begin:.1f} s, crawled in {crawled - started:.1f} s, "
              f"counted in {time.monotonic() - crawled:.1f} s, {grown >> 20} MiB more than the {before >> 20} MiB before")
        self.assertLess(grown, MEMORY_BYTES_MAX)


if __name__ == "__main__":
    unittest.main()
