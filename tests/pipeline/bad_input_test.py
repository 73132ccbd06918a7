"""Bad input gets a clear answer, is counted and kept aside, and never ends the process."""

import glob
import os
import socket
import struct
import subprocess
import tempfile
import unittest

from pipeline import Pipeline, run, wait_until
from plain_duckdb import PlainDuckDb

PRODUCE, API_VERSIONS = 0, 18
CORRUPT_MESSAGE = 2
# What ends a flexible header; a version that does not exist yet has one.
NO_TAGGED_FIELDS = b"\x00"
# Runs a command with mounts of its own. Root needs no namespace of users for that (and has none in a
# chroot).
OWN_MOUNTS = ("unshare", "--mount", *(() if os.geteuid() == 0 else ("--map-root-user",)))


def frame(api_key, version, body, correlation=7):
    header = struct.pack(">hhih", api_key, version, correlation, 4) + b"test"
    return struct.pack(">i", len(header) + len(body)) + header + body


def record_batch(value, break_crc=False):
    """One record, magic 2, by hand."""
    record = b"\x00\x00\x00\x01" + bytes([len(value) * 2]) + value + b"\x00"
    records = bytes([len(record) * 2]) + record
    tail = struct.pack(">hiqqqhii", 0, 0, 0, 0, -1, -1, -1, 1) + records
    crc = crc32c(tail) ^ (1 if break_crc else 0)
    after_length = struct.pack(">ibI", -1, 2, crc) + tail
    return struct.pack(">qi", 0, len(after_length)) + after_length


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def produce_v3(topic, batch):
    name = topic.encode()
    return (struct.pack(">hhi", -1, -1, 5000) + struct.pack(">ih", 1, len(name)) + name +
            struct.pack(">iii", 1, 0, len(batch)) + batch)


def address_of(pipeline):
    host, port = pipeline.kafka.split(":")
    return host, int(port)


def exchange(pipeline, data):
    """What the broker answers to `data`, up to one frame; b"" if it closes."""
    with socket.create_connection(address_of(pipeline), timeout=20) as connection:
        answer = b""
        try:
            connection.sendall(data)
            while len(answer) < 4 or len(answer) < 4 + struct.unpack(">i", answer[:4])[0]:
                got = connection.recv(65536)
                if not got:
                    return b""
                answer += got
        except ConnectionError:  # it may close before it has read everything
            return b""
        return answer


class BrokerBadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pipeline = Pipeline("--feed", "none").start()

    @classmethod
    def tearDownClass(cls):
        cls.pipeline.__exit__(None)

    def tearDown(self):
        self.assertTrue(self.pipeline.is_alive(), self.pipeline.log()[-3000:])
        # Others are served as before.
        self.pipeline.produce("after", ['{"ok":1}'])

    def test_garbage_closes_that_connection_only(self):
        # Whose first four bytes are no length that may be: else the broker waits for the rest.
        for garbage in (b"GET / HTTP/1.1\r\n\r\n", b"\x7f" + os.urandom(4095), b"\x00" * 64,
                        b"\xff" * 64, struct.pack(">i", 3) + b"abc"):
            self.assertEqual(exchange(self.pipeline, garbage), b"")

    def test_two_gib_announced_costs_a_connection_and_no_memory(self):
        before = self.resident_bytes()
        for size in (2**31 - 1, -1, -2**31):
            self.assertEqual(exchange(self.pipeline, struct.pack(">i", size) + b"\x00" * 100), b"")
        self.assertLess(self.resident_bytes() - before, 64 << 20)

    def resident_bytes(self):
        with open(f"/proc/{self.pipeline.process.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def produce_error(self, batch):
        self.pipeline.produce("checked", ['{"first":1}'])
        answer = exchange(self.pipeline, frame(PRODUCE, 3, produce_v3("checked", batch)))
        self.assertTrue(answer, "the broker answers")
        name = len("checked")
        return struct.unpack_from(">h", answer, 4 + 4 + 4 + 2 + name + 4 + 4)[0]

    def test_a_whole_batch_is_taken(self):
        self.assertEqual(self.produce_error(record_batch(b'{"by":"hand"}')), 0)

    def test_a_wrong_crc_is_refused(self):
        self.assertEqual(self.produce_error(record_batch(b"{}", break_crc=True)), CORRUPT_MESSAGE)

    def test_a_truncated_batch_is_refused(self):
        for cut in (1, 10, 40):
            self.assertNotEqual(self.produce_error(record_batch(b'{"by":"hand"}')[:-cut]), 0)

    def test_an_unknown_version_of_api_versions_gets_the_version_0_answer(self):
        answer = exchange(self.pipeline, frame(API_VERSIONS, 99, NO_TAGGED_FIELDS))
        self.assertEqual(struct.unpack_from(">ih", answer, 4), (7, 35))


class SinkBadInput(unittest.TestCase):
    def test_what_is_no_json_object_is_kept_aside_with_its_reason(self):
        bad = ["not json", "[1,2]", '"text"', "42", '{"a":', '{"a":NaN}',
               '{"a":' + "[" * 10000 + "]" * 10000 + "}"]
        with Pipeline("--feed", "none", "--flush-age", "200ms") as pipeline:
            pipeline.produce("mixed", ['{"a":1}', *bad, '{"a":2}'])
            wait_until(lambda: pipeline.value_or("SELECT count(*) FROM mixed", 0) == 2, "two rows")
            wait_until(lambda: pipeline.status()["sink"]["dead_letters"] == len(bad),
                       f"{len(bad)} dead letters counted")
            letters = wait_until(lambda: self.dead_letters(pipeline, len(bad)), "dead letters")
            self.assertEqual(sorted(line.split("|", 1)[1] for line in letters), sorted(bad))
            self.assertTrue(all("ticklake.error=" in line for line in letters), letters)
            self.assertEqual(pipeline.query("SELECT a FROM mixed ORDER BY a"), [[1], [2]])

    def dead_letters(self, pipeline, count):
        """The lines of the topic of dead letters; none while it is not there yet."""
        read = subprocess.run(
            ["kcat", "-b", pipeline.kafka, "-C", "-t", "mixed.dead-letter", "-c", str(count), "-q",
             "-f", "%h|%s\n"], capture_output=True, text=True, timeout=60, check=False)
        return read.stdout.splitlines() if read.returncode == 0 else None

    def test_a_read_only_lake_is_said_and_nothing_is_lost(self):
        with Pipeline("--feed", "none", "--flush-age", "100ms") as pipeline:
            pipeline.produce("kept", ['{"n":1}'])
            wait_until(lambda: pipeline.value_or("SELECT count(*) FROM kept", 0) == 1, "the row")
            # Root may write where the mode forbids it; an immutable mount may not be written by
            # anybody.
            self.assertEqual(pipeline.stop(), 0)
            read_only = (*OWN_MOUNTS, "sh", "-c",
                         f"mount --bind {pipeline.data}/lake {pipeline.data}/lake && "
                         f"mount -o remount,ro,bind {pipeline.data}/lake && exec \"$@\"", "sh")
            pipeline.prefix = read_only
            pipeline.spawn()
            wait_until(lambda: not pipeline.is_alive() or "read-only" in pipeline.log().lower() or
                       "Read-only" in pipeline.log(), "a clear error")
            self.assertRegex(pipeline.log(), "(?is)lake.*read-only")
            if pipeline.is_alive():
                pipeline.kill()
            pipeline.prefix = ()
            pipeline.start()
            self.assertEqual(pipeline.value("SELECT count(*) FROM kept"), 1)


class FullDisk(unittest.TestCase):
    def test_a_full_disk_refuses_writes_keeps_reads_and_heals(self):
        folder = tempfile.mkdtemp(prefix="ticklake-full-")
        mount = (*OWN_MOUNTS, "sh", "-c",
                 f"mount -t tmpfs -o size=24m tmpfs {folder} && exec \"$@\"", "sh")
        with Pipeline("--feed", "none", data=f"{folder}/data", prefix=mount) as pipeline:
            inside = f"/proc/{pipeline.process.pid}/root{folder}"
            pipeline.produce("kept", ['{"n":1}'])
            wait_until(lambda: pipeline.value_or("SELECT count(*) FROM kept", 0) == 1, "the row")
            with open(f"{inside}/ballast", "wb") as ballast:
                try:
                    while True:
                        ballast.write(b"\x00" * 65536)
                        ballast.flush()
                except OSError:
                    pass
            refused = subprocess.run(
                ["kcat", "-b", pipeline.kafka, "-t", "kept", "-P", "-X", "acks=all",
                 "-X", "message.timeout.ms=3000"],
                input="\n".join(['{"pad":"%s"}' % ("x" * 1000)] * 20000),
                text=True, capture_output=True, timeout=60, check=False)
            self.assertNotEqual(refused.returncode, 0, "a full disk acknowledges nothing")
            self.assertTrue(pipeline.is_alive(), pipeline.log()[-3000:])
            self.assertGreaterEqual(pipeline.value("SELECT count(*) FROM kept"), 1)
            self.assertIn("space", pipeline.log().lower())
            os.remove(f"{inside}/ballast")
            pipeline.produce("kept", ['{"n":2}'])
            wait_until(lambda: pipeline.value("SELECT count(*) FROM kept WHERE n = 2") == 1,
                       "the row after there was room again")


class CorruptSegment(unittest.TestCase):
    def consume(self, pipeline, partition, offset, count):
        """So many values from that offset on, by kcat, which checks CRCs; and what it said."""
        done = subprocess.run(
            ["timeout", "5", "kcat", "-b", pipeline.kafka, "-t", "kept", "-C", "-p", str(partition),
             "-o", str(offset), "-c", str(count), "-X", "check.crcs=true"],
            capture_output=True, text=True, check=False)
        return done.stdout.splitlines(), done.stderr

    def test_it_is_reported_with_file_and_offset_and_the_rest_serves(self):
        with Pipeline("--feed", "none") as pipeline:
            run("topic", "create", "kept", "--partitions", "2", "--config", "segment.bytes=100000",
                "--kafka", pipeline.kafka)
            for partition in 0, 1:
                for number in range(30):
                    lines = [f"{number * 100 + i:06}" + "x" * 90 for i in range(100)]
                    subprocess.run(["kcat", "-b", pipeline.kafka, "-t", "kept", "-P", "-p",
                                    str(partition), "-X", "acks=all"],
                                   input="\n".join(lines) + "\n", text=True, check=True)
            self.assertEqual(pipeline.stop(), 0)
            segments = sorted(glob.glob(f"{pipeline.data}/broker/kept-0/*.log"))
            self.assertGreater(len(segments), 2)
            middle = segments[len(segments) // 2]
            corrupt = int(os.path.basename(middle).removesuffix(".log"))
            with open(middle, "r+b") as log:
                log.seek(200)  # in the records of the segment's first batch
                log.write(b"corrupt")
            pipeline.start()
            values, _ = self.consume(pipeline, 0, corrupt, 1)
            self.assertEqual(values, [])
            self.assertRegex(pipeline.log(), rf"offset {corrupt}: .*byte 0 of {middle}.*CRC")
            self.assertEqual(pipeline.log().count("is corrupt"), 1, "said once, not each time")
            dumped = run("log", "dump", middle, check=False)
            self.assertIn("CRC", dumped.stdout + dumped.stderr)
            before, _ = self.consume(pipeline, 0, 0, corrupt)
            self.assertEqual([int(value[:6]) for value in before], list(range(corrupt)))
            behind, said = self.consume(pipeline, 0, corrupt + 100, 3000 - corrupt - 100)
            self.assertEqual([int(value[:6]) for value in behind],
                             list(range(corrupt + 100, 3000)), said)
            other, _ = self.consume(pipeline, 1, 0, 3000)
            self.assertEqual([int(value[:6]) for value in other], list(range(3000)))
            pipeline.produce("kept", ["more"])


class FeedBadInput(unittest.TestCase):
    """Each file goes through `feed replay` and the broker into SQL."""

    @classmethod
    def setUpClass(cls):
        cls.pipeline = Pipeline("--feed", "none").start()
        cls.folder = tempfile.mkdtemp(prefix="ticklake-csv-")

    @classmethod
    def tearDownClass(cls):
        cls.pipeline.__exit__(None)

    def replay(self, topic, content, *flags, check=True):
        path = os.path.join(self.folder, f"{topic}.csv")
        with open(path, "wb") as file:
            file.write(content)
        return run("feed", "replay", path, "--kafka", self.pipeline.kafka, "--topic", topic,
                   "--speed", "max", *flags, check=check)

    def rows(self, topic, count, columns):
        wait_until(lambda: self.pipeline.value_or(f"SELECT count(*) FROM {topic}", 0) == count,
                   f"{count} rows of {topic}")
        return self.pipeline.query(f"SELECT {columns} FROM {topic} ORDER BY _offset")

    def test_a_cut_last_line_is_counted_and_the_rest_arrives(self):
        done = self.replay("cut", b"Date,Open,Close\n2024-01-02,1.5,2\n2024-01-03,1.6,3\n2024-0")
        self.assertEqual(self.rows("cut", 2, "Open"), [[1.5], [1.6]])
        self.assertIn("1", done.stderr)
        self.assertRegex(done.stderr, r"line 4|:4")

    def test_a_byte_order_mark_and_tabs_and_crlf_are_no_part_of_the_data(self):
        self.replay("bom", b"\xef\xbb\xbfDate\tOpen\r\n2024-01-02\t1.5\r\n")
        self.assertEqual(self.rows("bom", 1, '"Date"::VARCHAR, "Open"'), [["2024-01-02", 1.5]])

    def test_null_and_comma_only_lines(self):
        done = self.replay("nulls", b"Date,Open,Volume\n2024-01-02,null,1\n,,\n,,\n"
                                    b"2024-01-03,2.5,null\n")
        self.assertEqual(self.rows("nulls", 2, "Open, Volume"), [[None, 1], [2.5, None]])
        self.assertIn("2", done.stderr)

    def test_an_ambiguous_date_is_refused_and_a_stated_format_is_taken(self):
        content = b"Date,Open\n01/02/2024,1\n03/04/2024,2\n"
        refused = self.replay("ambiguous", content, check=False)
        self.assertEqual(refused.returncode, 2, refused.stderr)
        self.assertIn("ambiguous", refused.stderr)
        self.assertIn("--time-format", refused.stderr)
        self.replay("ambiguous", content, "--time-format", "%d/%m/%Y")
        self.assertEqual(len(self.rows("ambiguous", 2, "Open")), 2)


class OpenListener(unittest.TestCase):
    def test_an_address_that_others_reach_is_refused_unless_it_is_asked_for_in_full(self):
        with tempfile.TemporaryDirectory() as data:
            for command, flag in (("broker", "--kafka-listen"), ("up", "--kafka-listen"),
                                  ("up", "--http-listen")):
                done = run(command, "--data", data, flag, "0.0.0.0:0", check=False)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertRegex(done.stderr, "^error: will not listen on 0.0.0.0:0\ncause: .*\n"
                                              "try: .*--insecure")
                self.assertEqual(os.listdir(data), [])


if __name__ == "__main__":
    unittest.main()
