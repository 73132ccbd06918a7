"""The commands that work on AWS, as people use them, against `ticklake up`: `sql --engine athena`,
`crawl --engine glue`, and the table that `lake ddl` prints."""

import json
import os
import signal
import subprocess
import unittest

from stack import BINARY, Pipeline, client, free_port, run, settings, wait_until

ROWS = 120
# Some minutes of work for one core.
LONG_QUERY = ("SELECT count(*) FROM UNNEST(sequence(1, 30000)) AS a(x) "
              "CROSS JOIN UNNEST(sequence(1, 30000)) AS b(y) CROSS JOIN UNNEST(sequence(1, 300)) AS c(z) "
              "WHERE (x * y + z) % 7 = 3")


class AwsCommands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.up = Pipeline("--feed", "none", "--flush-age", "1s")
        cls.addClassCleanup(cls.up.__exit__, None)
        cls.up.start()
        cls.given = settings(cls.up.data)
        cls.athena = client("athena", cls.given)
        cls.produce(0, ROWS)

    @classmethod
    def produce(cls, first, count):
        """Rows into the topic `ticks`, until they are files."""
        cls.up.produce("ticks", [json.dumps({"symbol": "AB"[i % 2], "price": i + 0.5, "size": i,
                                             "note": None if i % 3 else "x, \"y\""})
                                 for i in range(first, first + count)])
        wait_until(lambda: cls.up.value_or("SELECT count(*) FROM ticks WHERE _durable_time IS NOT NULL",
                                           0) == first + count, "the rows are files")

    def command(self, *arguments, text=None, status=0, **environment):
        """A command with the environment of `eval "$(ticklake env)"`."""
        done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=120,
                              input=text or "", env=os.environ | self.given | environment)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertNotIn(self.given["AWS_SECRET_ACCESS_KEY"], done.stdout + done.stderr)
        return done

    def athena_csv(self, sql, *flags):
        return self.command("sql", "--engine", "athena", "--output", "csv", *flags, sql).stdout

    def ddl(self, *flags, status=0):
        return self.command("lake", "ddl", "ticks", "--engine", "athena", "--lake",
                            os.path.join(self.up.data, "lake"), *flags, status=status)

    def test_the_printed_table_counts_the_rows_of_the_sink_with_no_crawler(self):
        self.command("sql", "--engine", "athena", "CREATE DATABASE IF NOT EXISTS copies")
        printed = self.ddl("--as", "copies.ticks_copy").stdout
        self.assertIn("PARTITIONED BY", printed)
        self.assertIn("STORED AS PARQUET", printed)
        self.assertIn("'projection.enabled'='true'", printed)
        self.command("sql", "--engine", "athena", text=printed)
        what = "SELECT count(*), sum(price), max(_offset), count(note), count(DISTINCT dt) FROM "
        self.assertEqual(self.athena_csv(what + "copies.ticks_copy"),
                         self.athena_csv(what + "ticklake.ticks"))
        # No partition is registered: those of later rows will be there by themselves.
        self.assertEqual(self.athena_csv('SELECT * FROM copies."ticks_copy$partitions"').count("\n"), 1)
        self.produce(ROWS, 30)
        self.assertEqual(self.athena_csv("SELECT count(*) FROM copies.ticks_copy").splitlines()[1],
                         str(ROWS + 30))
        day = self.athena_csv("SELECT max(dt) FROM copies.ticks_copy").splitlines()[1]
        self.assertEqual(self.athena_csv(
            f"SELECT count(*) FROM copies.ticks_copy WHERE dt = '{day}'").splitlines()[1], str(ROWS + 30))

    def test_a_location_of_ones_own_is_in_the_table(self):
        self.assertIn("LOCATION 's3://mine/prefix/ticks/'",
                      self.ddl("--location", "s3://mine/prefix/ticks").stdout)
        self.assertIn("no s3:// address", self.ddl("--location", "/tmp/x", status=2).stderr)

    def test_results_are_printed_in_every_format_with_what_they_cost(self):
        sql = "SELECT symbol, size, note FROM ticklake.ticks WHERE size < 2 ORDER BY size"
        table = self.command("sql", "--engine", "athena", sql)
        self.assertEqual([line.split() for line in table.stdout.splitlines()[2:]],
                         [["A", "0", "x,", '"y"'], ["B", "1", "NULL"]])
        self.assertRegex(table.stderr, r"2 rows · .* scanned, about \$0\.00005 \(estimate")
        self.assertEqual(self.athena_csv(sql), 'symbol,size,note\nA,0,"x, ""y"""\nB,1,\n')
        lines = self.command("sql", "--engine", "athena", "--output", "json", sql).stdout
        self.assertEqual([json.loads(line) for line in lines.splitlines()],
                         [{"symbol": "A", "size": 0, "note": 'x, "y"'},
                          {"symbol": "B", "size": 1, "note": None}])

    def test_many_pages_come_whole_and_a_limit_cuts_them(self):
        sql = "SELECT x FROM UNNEST(sequence(1, 2500)) AS t(x) ORDER BY x"
        self.assertEqual(self.athena_csv(sql).splitlines(), ["x"] + [str(i) for i in range(1, 2501)])
        self.assertEqual(self.athena_csv(sql, "--limit", "1200").splitlines()[-1], "1200")
        table = self.command("sql", "--engine", "athena", sql)
        self.assertEqual(table.stdout.splitlines()[-1], "1000")
        self.assertIn("there are more", table.stderr)

    def test_names_and_results_are_where_the_flags_say(self):
        client("s3", self.given).create_bucket(Bucket="elsewhere")
        out = self.athena_csv("SELECT count(*) >= 1 FROM ticks", "--database", "ticklake",
                              "--results", "s3://elsewhere/out/")
        self.assertEqual(out.splitlines()[1], "true")
        newest = self.athena.list_query_executions(MaxResults=1)["QueryExecutionIds"][0]
        execution = self.athena.get_query_execution(QueryExecutionId=newest)["QueryExecution"]
        self.assertEqual(execution["ResultConfiguration"]["OutputLocation"],
                         f"s3://elsewhere/out/{newest}.csv")

    def test_what_fails_says_athenas_reason(self):
        failed = self.command("sql", "--engine", "athena", "SELECT * FROM ticklake.nosuch", status=1)
        self.assertIn("TABLE_NOT_FOUND: line 1:15:", failed.stderr)
        self.assertIn("free (it failed)", failed.stderr)
        refused = self.command("sql", "--engine", "athena", "--work-group", "nosuch", "SELECT 1", status=1)
        self.assertRegex(refused.stderr, r"Athena refused StartQueryExecution: InvalidRequestException")
        self.assertRegex(refused.stderr, r"\(request [0-9a-f-]{36}\)")
        unsigned = self.command("sql", "--engine", "athena", "SELECT 1", status=1,
                                AWS_SECRET_ACCESS_KEY="wrong")
        self.assertIn("InvalidSignatureException", unsigned.stderr)
        gone = self.command("sql", "--engine", "athena", "SELECT 1", status=3, AWS_MAX_ATTEMPTS="1",
                            AWS_ENDPOINT_URL=f"http://127.0.0.1:{free_port()}")
        self.assertIn("cannot reach Athena", gone.stderr)
        nowhere = self.command("sql", "--engine", "athena", "SELECT 1", status=2, AWS_DEFAULT_REGION="")
        self.assertIn("AWS_REGION", nowhere.stderr)

    def test_ctrl_c_cancels_the_query(self):
        process = subprocess.Popen([BINARY, "sql", "--engine", "athena", LONG_QUERY],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=os.environ | self.given)
        self.addCleanup(process.kill)

        def running():
            for query_id in self.athena.list_query_executions(MaxResults=10).get("QueryExecutionIds", []):
                execution = self.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
                if execution["Query"] == LONG_QUERY and execution["Status"]["State"] == "RUNNING":
                    return query_id
            return None
        query_id = wait_until(running, "the query runs")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, said)
        self.assertIn("the query was cancelled", said)
        self.assertIn(f"the query execution {query_id} is CANCELLED", said)
        state = self.athena.get_query_execution(QueryExecutionId=query_id)
        self.assertEqual(state["QueryExecution"]["Status"]["State"], "CANCELLED")

    def test_a_crawler_is_made_for_a_path_and_started_by_its_name(self):
        s3 = client("s3", self.given)
        s3.create_bucket(Bucket="market")
        for day in ("2026-01-01", "2026-01-02"):
            s3.put_object(Bucket="market", Key=f"quotes/dt={day}/a.csv",
                          Body=b"symbol,price\nA,1.5\nB,2.5\n")
        refused = self.command("crawl", "--engine", "glue", "s3://market/quotes", status=2)
        self.assertIn("--role", refused.stderr)
        made = self.command("crawl", "--engine", "glue", "s3://market/quotes", "--role", "glue",
                            "--database", "crawled")
        self.assertIn("made the crawler ticklake-market-quotes", made.stderr)
        self.assertRegex(made.stderr, r"crawl SUCCEEDED in .* tables: 1 created, 0 updated, 0 deleted; "
                                      r"partitions: 2 created")
        self.assertEqual(made.stdout.splitlines()[2].split()[:4], ["quotes", "csv", "2", "2"])
        again = self.command("crawl", "--engine", "glue", "ticklake-market-quotes", "--json")
        self.assertIn("tables: 0 created", again.stderr)
        table = json.loads(again.stdout)
        self.assertEqual((table["database"], table["table"], table["partitions"]),
                         ("crawled", "quotes", 2))
        self.command("crawl", "--engine", "glue", "s3://market/quotes/")
        other = self.command("crawl", "--engine", "glue", "s3://market/other", "--name",
                             "ticklake-market-quotes", status=1)
        self.assertIn("for another path", other.stderr)
        nobody = self.command("crawl", "--engine", "glue", "nosuch", status=1)
        self.assertIn("EntityNotFoundException", nobody.stderr)


if __name__ == "__main__":
    unittest.main()
