"""A query is bounded: in memory, on disk, in time, and by the patience of who asked."""

import concurrent.futures
import json
import os
import re
import socket
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

from pipeline import Pipeline, run, wait_until

RESIDENT_BYTES_MAX = 3_000_000_000
# Each asks for more than there is, by a way of its own through DuckDB: text, lists and blobs made in one
# step or bit by bit, at planning time or while it runs, in buffers that DuckDB counts or that it does not.
HOSTILE = [
    "SELECT repeat('x', 2000000000)",
    "SELECT length(lpad('x', 1000000000, i::VARCHAR)) FROM range(4) t(i)",
    "SELECT range(1000000000)",
    "SELECT len(list(i)) FROM range(1000000000) t(i)",
    "SELECT length(string_agg(i::VARCHAR || repeat('y', 1000), ',')) FROM range(100000000) t(i)",
    "SELECT median(i) FROM range(1000000000) t(i)",
    "SELECT mode(i), entropy(i) FROM range(1000000000) t(i)",
    "SELECT list_transform(range(100000000), x -> repeat('a', 50))",
    "SELECT printf('%1000000000d', 1)",
    "SELECT bitstring('1', 2000000000)",
    "SELECT i, repeat('abcdefgh', 100000 + i) AS text FROM range(100000) t(i)",
    "SELECT i, repeat('abcdefgh', 100000 + i) AS text FROM range(100000) t(i) ORDER BY text",
    "SELECT map_from_entries(list((i, i::VARCHAR))) FROM range(100000000) t(i)",
    "SELECT to_json(list({'a': i, 'b': i::VARCHAR})) FROM range(100000000) t(i)",
    "WITH RECURSIVE r(s) AS (SELECT 'x' UNION ALL SELECT s || s FROM r) SELECT max(length(s)) FROM r",
    "SELECT arg_max(repeat('x', 1000 + i % 9), i, 999999) FROM range(100000000) t(i)",
    "SELECT " + "(" * 100_000 + "1" + ")" * 100_000,
    "SELECT " + "+".join("1" for _ in range(100_000)),
]
ENDLESS = "SELECT count(*) FROM range(10000000000) a, range(100) b WHERE a.range * b.range % 7 = 1"
ENDLESS_ROWS = "SELECT a.range FROM range(10000000000) a, range(100) b"


class Process:
    """What the kernel says of a process."""

    def __init__(self, pid):
        self.pid = pid

    def bytes_of(self, field):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return int(re.search(rf"{field}:\s+(\d+) kB", status.read()).group(1)) * 1024

    def is_sanitized(self):
        """Sanitizers keep freed memory, and shadows of all memory: their figures say nothing."""
        with open(f"/proc/{self.pid}/maps", encoding="utf-8") as maps:
            return "san.so" in maps.read()


def ask(up, sql, output="json", timeout=120):
    """Status and the first bytes of the answer; the rest is read and dropped."""
    request = urllib.request.Request(f"{up.url}/api/query?format={output}", sql.encode(),
                                     {"Content-Type": "text/plain"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            first = answer.read(65536)
            try:
                while answer.read(1 << 20):
                    pass
            except (ConnectionError, urllib.error.URLError, OSError, ValueError):
                pass  # an error in the middle of a stream cuts it off
            except Exception as cut_off:  # http.client.IncompleteRead, not exported by urllib
                if type(cut_off).__name__ != "IncompleteRead":
                    raise
            return answer.status, first
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()


def send_query(up, sql, output="json", method="POST"):
    """A socket on which a query was asked for."""
    host, port = up.url.removeprefix("http://").split(":")
    client = socket.create_connection((host, int(port)), timeout=60)
    if method == "POST":
        head = (f"POST /api/query?format={output} HTTP/1.1\r\nHost: {host}:{port}\r\n"
                f"Content-Type: text/plain\r\nContent-Length: {len(sql)}\r\n\r\n{sql}")
    else:
        head = (f"GET /api/query/live?sql={urllib.parse.quote(sql)} HTTP/1.1\r\n"
                f"Host: {host}:{port}\r\n\r\n")
    client.sendall(head.encode())
    return client


class HostileQueriesTest(unittest.TestCase):
    def check(self, up, process, outcome, sql):
        status, body = outcome
        self.assertIn(status, (200, 400, 503, 504, 507), (sql[:100], body[:500]))
        if status != 200:
            error = json.loads(body)["error"]
            self.assertTrue(error["what"], sql[:100])
        if status == 507:
            self.assertTrue(error["cause"] and "--query-memory" in error["advice"], error)
        self.assertTrue(up.is_alive(), f"it died of {sql[:100]}")
        self.assertEqual(up.value("SELECT 6 * 7"), 42, f"after {sql[:100]}")
        if not process.is_sanitized():
            self.assertLess(process.bytes_of("VmHWM"), RESIDENT_BYTES_MAX, f"after {sql[:100]}")

    def test_memory_stays_bounded_whatever_a_query_is_and_the_next_one_answers(self):
        with Pipeline("--rate", "500/s") as up:
            wait_until(lambda: up.value_or("SELECT count(*) FROM trades", 0) > 0, "trades")
            process = Process(up.process.pid)
            for sql in HOSTILE:
                with self.subTest(sql=sql[:60]):
                    began = time.monotonic()
                    outcome = ask(up, sql, "csv")
                    print(f"{time.monotonic() - began:6.1f} s, peak "
                          f"{process.bytes_of('VmHWM') / 1e6:5.0f} MB: {sql[:60]} -> {outcome[0]} "
                          f"{outcome[1][:90]}", flush=True)
                    self.check(up, process, outcome, sql)
            rows = up.value("SELECT count(*) FROM trades")
            wait_until(lambda: up.value("SELECT count(*) FROM trades") > rows, "trades go on")

    def test_so_it_does_when_several_come_at_once(self):
        with Pipeline("--rate", "500/s") as up:
            wait_until(lambda: up.value_or("SELECT count(*) FROM trades", 0) > 0, "trades")
            process = Process(up.process.pid)
            with concurrent.futures.ThreadPoolExecutor(4) as clients:
                outcomes = list(clients.map(lambda sql: (ask(up, sql, timeout=300), sql), HOSTILE))
            print(f"peak {process.bytes_of('VmHWM') / 1e6:.0f} MB", flush=True)
            for outcome, sql in outcomes:
                self.check(up, process, outcome, sql)
            rows = up.value("SELECT count(*) FROM trades")
            wait_until(lambda: up.value("SELECT count(*) FROM trades") > rows, "trades go on")

    def test_what_is_too_large_for_an_answer_says_so(self):
        with Pipeline("--feed", "none") as up:
            status, body = ask(up, "SELECT repeat('x', 20000000)")
            self.assertEqual(status, 400)
            self.assertEqual(json.loads(body)["error"]["what"], "a row of the answer is too large")
            many = "SELECT i, repeat('x', 10000) FROM range(9999) t(i)"
            status, body = ask(up, many)
            self.assertEqual(status, 400)
            error = json.loads(body)["error"]
            self.assertEqual(error["what"], "the answer is too large")
            self.assertIn("format=csv", error["advice"])
            self.assertEqual(ask(up, many, "csv")[0], 200)


class SpillTest(unittest.TestCase):
    MEMORY_BYTES = 128 * 1024 * 1024
    ROWS = 40_000
    COPIES = 24
    TEXT_BYTES = 288
    # Each row of the table with a number of its own, so many times over: all of that has to be sorted.
    SORT = (f"SELECT k, length(t) AS bytes FROM (SELECT (key * {COPIES} + n) % 799999 AS k, "
            f"text || n AS t FROM big, range({COPIES}) r(n) ORDER BY k)")

    def fill(self, up):
        up.produce("big", [json.dumps({"key": i * 7919 % 40009,
                                       "text": f"{i * 2654435761 % 2**64:016x}" * (self.TEXT_BYTES // 16)})
                           for i in range(self.ROWS)])
        self.wait_for_rows(up)
        # Rows that are in no file yet hold memory that the sort is to have.
        wait_until(lambda: all(table["rows_tail"] == 0 for table in up.status()["tables"]), "files")

    def wait_for_rows(self, up):
        wait_until(lambda: up.value_or("SELECT count(*) FROM big", 0) == self.ROWS, "all rows")

    def sorted_keys(self, up):
        """The keys in the order in which the sorted rows came, and whether a file lay on disk then."""
        request = urllib.request.Request(f"{up.url}/api/query?format=csv", self.SORT.encode(),
                                         {"Content-Type": "text/plain"})
        spilled = False
        keys = []
        with urllib.request.urlopen(request, timeout=120) as answer:
            next(answer)
            for line in answer:
                keys.append(int(line.split(b",")[0]))
                if len(keys) % 10_000 == 1:
                    spilled = spilled or bool(os.listdir(os.path.join(up.data, "tmp", "spill")))
        return keys, spilled

    def test_more_than_twice_the_memory_sorts_and_too_little_disk_is_told(self):
        rows = self.ROWS * self.COPIES
        self.assertGreater(rows * self.TEXT_BYTES, 2 * self.MEMORY_BYTES)
        flags = ("--feed", "none", "--query-memory", str(self.MEMORY_BYTES))
        with Pipeline(*flags, "--flush-rows", "10000") as up:
            self.fill(up)
            keys, spilled = self.sorted_keys(up)
            self.assertEqual(len(keys), rows)
            self.assertEqual(keys, sorted(keys))
            self.assertTrue(spilled)

            left_over = os.path.join(up.data, "tmp", "spill", "left_over.tmp")
            with open(left_over, "wb") as file:
                file.write(b"of a process that was killed")
            up.kill()
            up.flags = (*flags, "--spill-bytes", "1MiB")
            up.start()
            self.assertFalse(os.path.exists(left_over))
            self.wait_for_rows(up)
            status, body = ask(up, self.SORT, "csv")
            self.assertEqual(status, 507, body[:500])
            self.assertIn("--spill-bytes", json.loads(body)["error"]["advice"], body)
            self.assertEqual(up.value("SELECT count(*) FROM big"), self.ROWS)
            self.assertEqual(up.stop(), 0)

            done = run("sql", "--lake", os.path.join(up.data, "lake"), "--query-memory",
                       str(self.MEMORY_BYTES), "--output", "csv", self.SORT, timeout=180)
            self.assertEqual(len(done.stdout.splitlines()), rows + 1)


class HangUpTest(unittest.TestCase):
    SESSIONS = 8
    # Less than the time limit of a query, so that it cannot be what ends those that were left.
    PATIENCE_S = 20

    def check(self, up, open_clients):
        clients = open_clients()
        count = up.status()["query"]["count"]
        for client in clients:
            client.close()
        status, _ = ask(up, "SELECT 6 * 7", timeout=self.PATIENCE_S)
        self.assertEqual(status, 200)
        return count

    def test_clients_that_hang_up_free_their_sessions_and_places_in_the_queue(self):
        with Pipeline("--feed", "none") as up:
            asked = 0
            for output, sql in (("json", ENDLESS), ("text", ENDLESS), ("csv", ENDLESS),
                                ("ndjson", ENDLESS), ("csv", ENDLESS_ROWS),
                                ("ndjson", ENDLESS_ROWS)):
                with self.subTest(output=output, sql=sql):
                    before = up.status()["query"]["count"]

                    def some():
                        clients = [send_query(up, sql, output) for _ in range(2 * self.SESSIONS)]
                        # Some run now; the others wait for a thread or a session.
                        wait_until(lambda: up.status()["query"]["count"] >= before + 4, "they run")
                        return clients
                    self.check(up, some)
                    asked += 1
            self.assertEqual(asked, 6)

    def test_a_client_that_sent_more_before_it_hung_up_is_noticed_too(self):
        with Pipeline("--feed", "none") as up:
            def some():
                clients = [send_query(up, ENDLESS) for _ in range(self.SESSIONS)]
                wait_until(lambda: up.status()["query"]["count"] >= 4, "they run")
                for client in clients:
                    client.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
                return clients
            self.check(up, some)

    def test_readers_of_a_live_query_that_never_ends_are_let_go(self):
        with Pipeline("--feed", "none") as up:
            def some():
                clients = [send_query(up, ENDLESS + f" AND {n} = {n}", method="GET")
                           for n in range(2 * self.SESSIONS)]
                wait_until(lambda: up.status()["query"]["count"] >= 4, "they run")
                return clients
            self.check(up, some)


class Page:
    """Reads the events of a live query in a thread of its own."""

    def __init__(self, up, sql):
        self.events = []
        self.client = send_query(up, sql, method="GET")
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        try:
            for line in self.client.makefile("r", encoding="utf-8"):
                if line.startswith("data: "):
                    self.events.append(line)
        except OSError:
            pass  # closed by the test

    def close(self):
        self.client.shutdown(socket.SHUT_RDWR)
        self.client.close()
        self.thread.join(10)


class LiveQueryTest(unittest.TestCase):
    def test_ten_pages_run_their_common_query_once_and_none_when_all_are_closed(self):
        with Pipeline("--feed", "none") as up:
            count = lambda: up.status()["query"]["count"]
            first_count = count()
            sql = "SELECT 6 * 7 AS answer"
            pages = [Page(up, sql) for _ in range(10)]
            wait_until(lambda: all(len(page.events) >= 4 for page in pages), "events")
            ran = count() - first_count
            seen = max(len(page.events) for page in pages)
            # One may be running while these two are looked at.
            self.assertLessEqual(ran, seen + 2)
            self.assertEqual(pages[0].events[1:4], pages[9].events[1:4])

            late = Page(up, sql)
            wait_until(lambda: late.events, "the newest result")
            self.assertIn(late.events[0], pages[0].events)

            for page in [*pages, late]:
                page.close()

            def is_quiet():
                before = count()
                time.sleep(2.5)  # more than two of the intervals at which it would run
                return count() == before
            wait_until(is_quiet, "the query stops")


if __name__ == "__main__":
    unittest.main()
