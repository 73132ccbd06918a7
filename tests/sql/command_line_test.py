"""`ticklake sql` and `ticklake status` against a server over the fixture tables."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import tempfile
import time
import unittest

TICKLAKE = os.environ["TICKLAKE"]
PATIENCE_S = 30


class Terminal:
    """A program under a pseudo-terminal of 80 columns."""

    def __init__(self, *arguments, environment=None):
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.execve(arguments[0], arguments, environment or os.environ)
        self.seen = ""

    def expect(self, pattern):
        """Reads until `pattern` has come; returns all since the last expectation."""
        deadline = time.monotonic() + PATIENCE_S
        while not (found := re.search(pattern, self.seen)):
            ready, _, _ = select.select([self.descriptor], [], [], deadline - time.monotonic())
            if not ready:
                raise AssertionError(f"no {pattern!r} in {self.seen!r}")
            try:
                text = os.read(self.descriptor, 65536).decode(errors="replace")
            except OSError:
                raise AssertionError(f"ended without {pattern!r}: {self.seen!r}") from None
            self.seen += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
        text, self.seen = self.seen[:found.end()], self.seen[found.end():]
        return text

    def type(self, text):
        os.write(self.descriptor, text.encode())

    def end_input(self):
        """Types Ctrl-D until it is heard: the editor takes the terminal over only after the prompt
        is there, and what comes before that is not an end of input to it."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                self.type("\x04")
                if select.select([self.descriptor], [], [], 0.1)[0]:
                    os.read(self.descriptor, 65536)
            except OSError:
                return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        raise AssertionError("the end of input is not heard")

    def status(self):
        """Waits for the end of the program."""
        while True:
            try:
                if not os.read(self.descriptor, 65536):
                    break
            except OSError:
                break
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class CommandLine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = subprocess.Popen([os.environ["SQL_SERVER"]], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)
        cls.url = "http://" + cls.server.stdout.readline().strip()

    @classmethod
    def tearDownClass(cls):
        cls.server.communicate(timeout=PATIENCE_S)

    def sql(self, *arguments, **options):
        return subprocess.run([TICKLAKE, "sql", "--url", self.url, *arguments], text=True,
                              capture_output=True, timeout=PATIENCE_S, **options)

    def prompt(self, home):
        environment = {**os.environ, "TERM": "xterm", "XDG_STATE_HOME": home, "LC_ALL": "C.UTF-8"}
        terminal = Terminal(TICKLAKE, "sql", "--url", self.url, environment=environment)
        terminal.expect("ticklake> ")
        return terminal

    def test_a_table_goes_to_stdout_and_the_row_count_to_stderr(self):
        done = self.sql("SELECT symbol, count(*) AS n FROM trades GROUP BY ALL ORDER BY ALL")
        self.assertEqual(done.stdout, "symbol   n\n──────  ──\nAAPL    10\nMSFT    10\nNVDA    10\n")
        self.assertRegex(done.stderr, r"^3 rows · [0-9.]+ m?s\n$")
        self.assertEqual(done.returncode, 0)

    def test_csv_and_json_hold_data_only(self):
        self.assertEqual(self.sql("--output", "csv", "SELECT 1 AS a, NULL AS b").stdout, "a,b\n1,\n")
        lines = self.sql("--output", "json", "SELECT * FROM trades").stdout.splitlines()
        self.assertEqual(len(lines), 30)
        self.assertEqual(json.loads(lines[1])["price"], 100.25)

    def test_a_table_says_when_there_is_more(self):
        done = self.sql("--limit", "2", "FROM trades")
        self.assertIn("2 rows shown, there are more", done.stderr)

    def test_a_wrong_statement_is_told_in_place_and_fails_with_1(self):
        done = self.sql("SELECT pric FROM trades")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, "")
        self.assertIn('error: Binder Error: Referenced column "pric" not found', done.stderr)
        self.assertIn("line 1, column 8:\n  SELECT pric FROM trades\n         ^\n", done.stderr)

    def test_the_dialect_of_athena_is_spoken_over_a_server(self):
        result = self.sql("--dialect", "athena", "--output", "csv",
                          "SELECT max_by(symbol, seq), ARRAY[1, 2], 1e10, date_diff('day', "
                          "DATE '2026-01-01', DATE '2026-02-01'), sum(size) FILTER (WHERE seq < 2) "
                          "FROM trades")
        self.assertEqual(result.stdout.splitlines()[1], 'NVDA,"[1, 2]",1.0E10,31,39')
        failed = self.sql("--dialect", "athena", "SELECT nosuch FROM trades")
        self.assertEqual(failed.returncode, 1)
        self.assertIn("COLUMN_NOT_FOUND: line 1:8: Column 'nosuch'", failed.stderr)

    def test_a_wrong_flag_fails_with_2(self):
        self.assertEqual(self.sql("--output", "xml", "SELECT 1").returncode, 2)

    def test_no_server_fails_with_3_and_says_what_to_start(self):
        done = subprocess.run([TICKLAKE, "sql", "--url", "http://127.0.0.1:1", "SELECT 1"],
                              text=True, capture_output=True, timeout=PATIENCE_S)
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stderr, r"^error: cannot reach .*\ncause: .*\ntry: ticklake up")

    def test_statements_come_from_standard_input_too(self):
        done = self.sql("--output", "csv", input="SELECT 1\n  AS a; SELECT 2 AS b;\n.tables\nSELECT 3 AS c")
        self.assertEqual(done.stdout, "a\n1\nb\n2\nsp500\ntrades\nc\n3\n")
        self.assertEqual(self.sql(input="SELECT x;\nSELECT 1;").returncode, 1)

    def test_status_shows_every_stage_in_80_columns(self):
        done = subprocess.run([TICKLAKE, "status", "--url", self.url], text=True,
                              capture_output=True, timeout=PATIENCE_S)
        for stage in ("ticklake 0.1.0", "feed", "broker", "sink", "lake", "query", "trades/0"):
            self.assertIn(stage, done.stdout)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80, done.stdout)
        as_json = subprocess.run([TICKLAKE, "status", "--json", "--url", self.url], text=True,
                                 capture_output=True, timeout=PATIENCE_S)
        self.assertTrue(json.loads(as_json.stdout)["ready"])

    def test_the_prompt_runs_completes_and_remembers(self):
        with tempfile.TemporaryDirectory() as home:
            terminal = self.prompt(home)
            terminal.type("SELECT count(*)\r")
            terminal.expect(r"\.\.\.> ")
            terminal.type("FROM tra\t;\r")
            terminal.expect(r"30\r\n(.|\n)*1 row(.|\n)*ticklake> ")
            terminal.type(".sch\t trades\r")
            terminal.expect(r"event_time +TIMESTAMP(.|\n)*ticklake> ")
            terminal.type("SELECT nosuch;\r")
            terminal.expect(r"error: (.|\n)*ticklake> ")
            terminal.type(".quit\r")
            self.assertEqual(terminal.status(), 0)
            again = self.prompt(home)
            again.type("\x1b[A\x1b[A")
            again.expect("SELECT nosuch;")
            again.type("\x03")
            again.expect("ticklake> ")
            self.assertEqual(again.end_input(), 0)

    def test_ctrl_c_cancels_the_line_and_the_query(self):
        with tempfile.TemporaryDirectory() as home:
            terminal = self.prompt(home)
            terminal.type("SELECT half a line\x03")
            terminal.expect("ticklake> ")
            terminal.type("SELECT count(*) FROM range(10000000000) a, range(100) b "
                          "WHERE a.range * b.range % 7 = 1;\r")
            terminal.expect(r"= 1;\s*\r\n")
            deadline = time.monotonic() + PATIENCE_S
            while len(os.listdir(f"/proc/{terminal.pid}/task")) < 2:
                self.assertLess(time.monotonic(), deadline, terminal.seen)
                time.sleep(0.01)  # until the thread that runs the query is there
            os.kill(terminal.pid, signal.SIGINT)
            terminal.expect(r"error: the query was cancelled(.|\n)*ticklake> ")
            terminal.type("SELECT 6 * 7 AS n;\r")
            terminal.expect("42")
            self.assertEqual(terminal.end_input(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
