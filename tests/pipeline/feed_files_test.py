"""Files as people bring them: packed, as JSON documents, many at once; kill -9 loses and doubles no row."""

import bz2
import gzip
import json
import os
import signal
import subprocess
import tempfile
import unittest
import zipfile

from pipeline import BINARY, Pipeline, run, wait_until
from plain_duckdb import PlainDuckDb

ROWS = 2000


def rows_of(day, count):
    """Whole numbers that no double holds, and times to the microsecond."""
    return [{"time": f"2024-01-{day:02}T09:{i // 60 % 60:02}:{i % 60:02}.{i:06}Z",
             "seq": 1234567890123450000 + day * 10000 + i, "note": f"{day}-{i}, \"é\""}
            for i in range(count)]


def csv_of(rows):
    lines = ["time,seq,note"]
    for row in rows:
        note = row["note"].replace('"', '""')
        lines.append(f'{row["time"]},{row["seq"]},"{note}"')
    return "\n".join(lines) + "\n"


class FeedFilesTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="ticklake-files-")
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write_days(self):
        """Five days, each in another container or shape."""
        days = [rows_of(day, ROWS) for day in range(1, 6)]
        with gzip.open(self.path("day1.csv.gz"), "wt", encoding="utf-8") as file:
            file.write(csv_of(days[0]))
        with zipfile.ZipFile(self.path("day2.zip"), "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.csv", csv_of(days[1][:700]))
            archive.writestr("b.csv", csv_of(days[1][700:]))
        with open(self.path("day3.json"), "w", encoding="utf-8") as file:
            json.dump({"meta": {"day": 3}, "data": days[2]}, file, indent=1)
        with bz2.open(self.path("day4.jsonl.bz2"), "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in days[3])
        with open(self.path("day5.json"), "w", encoding="utf-8") as file:
            json.dump({name: [row[name] for row in days[4]] for name in days[4][0]}, file)
        return [row for day in days for row in day]

    def replay(self, pipeline, *flags, start=run):
        return start("feed", "replay", self.folder.name, "--kafka", pipeline.kafka, "--topic",
                     "bars", *flags)

    def check(self, rows_of_query, source, expected):
        """Every digit, every instant, each row once, in the files' order."""
        got = rows_of_query(
            f"SELECT seq::VARCHAR, epoch_us(time::TIMESTAMPTZ)::VARCHAR, note FROM {source} "
            "ORDER BY _offset")
        plain = PlainDuckDb()
        self.assertEqual(len(got), len(expected))
        self.assertEqual([row[0] for row in got], [str(row["seq"]) for row in expected])
        self.assertEqual([row[2] for row in got], [row["note"] for row in expected])
        for i in (0, 1, ROWS - 1, ROWS, len(expected) - 1):
            instant = plain.value(f"SELECT epoch_us(TIMESTAMPTZ '{expected[i]['time']}')")
            self.assertEqual(str(got[i][1]), str(instant))

    def test_a_folder_of_many_kinds_of_files_keeps_every_digit_and_instant(self):
        expected = self.write_days()
        with Pipeline("--flush-rows", "3000", "--flush-age", "200ms") as pipeline:
            self.replay(pipeline)
            wait_until(lambda: pipeline.value_or("SELECT count(*) FROM bars", 0) == len(expected),
                       "all rows in SQL")
            self.check(pipeline.query, "bars", expected)
            said = self.replay(pipeline).stderr
            self.assertIn(f"{len(expected):,} were there before", said)
            self.assertEqual(pipeline.value("SELECT count(*) FROM bars"), len(expected))

    def test_kill_9_in_the_middle_of_several_files_sends_each_row_once(self):
        expected = self.write_days()

        def start(*arguments):
            return subprocess.Popen([BINARY, *arguments], stdin=subprocess.DEVNULL,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        with Pipeline("--flush-rows", "3000", "--flush-age", "200ms") as pipeline:
            for part in (1, 3, 5, 8):  # tenths of the rows: within files and near their ends
                feed = self.replay(pipeline, "--rate", "4000/s", start=start)
                wait_until(lambda: pipeline.value_or("SELECT count(*) FROM bars", 0)
                           >= len(expected) * part // 10, f"{part} tenths of the rows")
                feed.send_signal(signal.SIGKILL)
                feed.wait(120)
            self.replay(pipeline)
            wait_until(lambda: pipeline.value("SELECT count(*) FROM bars") >= len(expected),
                       "the rest of the rows")
            self.check(pipeline.query, "bars", expected)

    def test_what_cannot_be_read_is_refused_by_name_and_nothing_is_sent(self):
        expected = self.write_days()
        with open(self.path("day6.csv"), "w", encoding="utf-8") as file:
            file.write("time,seq,remark\n2024-01-06T00:00:00Z,1,x\n")
        with Pipeline() as pipeline:
            refused = run("feed", "replay", self.folder.name, "--kafka", pipeline.kafka, "--topic",
                          "bars", check=False)
            self.assertEqual(refused.returncode, 2, refused.stderr)
            self.assertIn("day6.csv has other columns than", refused.stderr)
            self.assertNotIn("bars", json.dumps(pipeline.status()))
            several = run("feed", "replay", self.path("*.gz"), "--kafka", pipeline.kafka,
                          check=False)
            self.assertIn("give --topic", several.stderr)
            run("feed", "replay", self.path("day[12].*"), "--merge", "time", "--kafka",
                pipeline.kafka, "--topic", "bars")
            wait_until(lambda: pipeline.value_or("SELECT count(*) FROM bars", 0) == 2 * ROWS,
                       "two days in SQL")
            self.assertEqual(len(expected), 5 * ROWS)


if __name__ == "__main__":
    unittest.main()
