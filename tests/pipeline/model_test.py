"""One model of time, price and schema: what a record says is in SQL and in the files to the digit,
before and after a restart."""

import json
import os
import subprocess
import unittest

from pipeline import DEADLINE_S, Pipeline, run, wait_until

PANDAS = """
import json, sys
import pandas
frame = pandas.read_parquet(sys.argv[1]).sort_values("_offset")
print(json.dumps({name: [str(value) for value in frame[name]] for name in sys.argv[2:]}))
"""


def pandas_reads(folder, *columns):
    """The columns of all files of a folder, as texts, in the order of the offsets."""
    done = subprocess.run([os.environ["PYTHON_OF_PANDAS"], "-c", PANDAS, folder, *columns],
                          capture_output=True, text=True, timeout=DEADLINE_S, check=True)
    return json.loads(done.stdout)


class Model(unittest.TestCase):
    def wait_for_rows(self, pipeline, table, count):
        wait_until(lambda: pipeline.value_or(f"SELECT count(*) FROM {table}", 0) == count,
                   f"{count} rows of {table}")

    def wait_for_files(self, pipeline, table, count):
        wait_until(lambda: pipeline.value_or(
            f"SELECT count(*) FROM {table} WHERE _durable_time IS NOT NULL", 0) == count,
                   f"{count} rows of {table} in files")

    def test_keys_that_differ_in_case_keep_their_columns_over_a_restart(self):
        with Pipeline("--feed", "none", "--flush-age", "100ms") as pipeline:
            pipeline.produce("binance", ['{"e":"aggTrade","T":1704067200085,"m":true,"M":"x"}'])
            self.wait_for_files(pipeline, "binance", 1)
            self.assertEqual(pipeline.stop(), 0)
            pipeline.start()
            pipeline.produce("binance", ['{"t":12345,"T":1704067200185,"M":"y","m":false}'])
            self.wait_for_rows(pipeline, "binance", 2)
            sql = 'SELECT "T", t_, m, "M_" FROM binance ORDER BY _offset'
            expected = [[1704067200085, None, True, "x"], [1704067200185, 12345, False, "y"]]
            self.assertEqual(pipeline.query(sql), expected)
            self.wait_for_files(pipeline, "binance", 2)
            pipeline.kill()
            pipeline.start()
            self.assertEqual(pipeline.query(sql), expected)

    def test_long_integers_and_nanoseconds_keep_their_digits_over_a_restart(self):
        lines = ['{"n":1.5,"t":"2026-11-24T00:15:03.5Z","p":0.1}',
                 '{"n":9007199254740993,"t":"2026-11-24T00:15:03.123456789Z","p":0.123456789012345678}',
                 '{"n":-9223372036854775807,"t":"1969-12-31T23:59:59.999999999Z","p":1}']
        sql = ("SELECT n::VARCHAR, epoch_ns(t), typeof(n), typeof(t) FROM {} ORDER BY n")
        expected = [["-9223372036854775807.000000000000000000", -1, "DECIMAL(38,18)", "TIMESTAMP_NS"],
                    ["1.500000000000000000", 1795479303500000000, "DECIMAL(38,18)", "TIMESTAMP_NS"],
                    ["9007199254740993.000000000000000000", 1795479303123456789, "DECIMAL(38,18)",
                     "TIMESTAMP_NS"]]
        with Pipeline("--feed", "none", "--flush-age", "100ms") as pipeline:
            for topic, order in (("forth", lines), ("back", lines[::-1])):
                for count, line in enumerate(order, 1):
                    pipeline.produce(topic, [line])
                    self.wait_for_files(pipeline, topic, count)
                self.assertEqual(pipeline.query(sql.format(topic)), expected, topic)
            pipeline.stop()
            pipeline.start()
            for topic in ("forth", "back"):
                self.assertEqual(pipeline.query(sql.format(topic)), expected, topic)
            printed = run("sql", "--url", pipeline.url, "--output", "json",
                          "SELECT t FROM forth WHERE n > 2").stdout
            self.assertIn("2026-11-24 00:15:03.123456789", printed)

    def test_one_text_among_prices_is_a_dead_letter_and_the_prices_stay_numbers(self):
        with Pipeline("--feed", "none", "--flush-age", "100ms") as pipeline:
            pipeline.produce("quotes", ['{"price":1.5}'])
            self.wait_for_files(pipeline, "quotes", 1)
            pipeline.produce("quotes", ['{"price":"N/A"}', '{"price":2.5}'])
            self.wait_for_files(pipeline, "quotes", 2)
            self.assertEqual(pipeline.value("SELECT sum(price) FROM quotes"), 4)
            letters = run("consume", "--kafka", pipeline.kafka, "--topic", "quotes.dead-letter",
                          "--exit").stdout
            self.assertIn("N/A", letters)

    def test_where_it_is_asked_for_the_column_becomes_text(self):
        with Pipeline("--feed", "none", "--flush-age", "100ms", "--misfits", "text") as pipeline:
            pipeline.produce("quotes", ['{"price":1.5}'])
            self.wait_for_files(pipeline, "quotes", 1)
            pipeline.produce("quotes", ['{"price":"N/A"}'])
            self.wait_for_rows(pipeline, "quotes", 2)
            self.assertEqual(pipeline.query("SELECT price FROM quotes ORDER BY _offset"),
                             [["1.5"], ["N/A"]])

    def test_where_it_is_asked_for_the_topic_stops_and_status_says_why(self):
        with Pipeline("--feed", "none", "--flush-age", "100ms", "--misfits", "stop") as pipeline:
            pipeline.produce("quotes", ['{"price":1.5}'])
            self.wait_for_files(pipeline, "quotes", 1)
            pipeline.produce("quotes", ['{"price":"N/A"}'])
            wait_until(lambda: '"N/A\\" does not fit the column price' in
                       json.dumps(pipeline.status()), "the reason")
            pipeline.produce("others", ['{"n":1}'])
            self.wait_for_rows(pipeline, "others", 1)
            self.assertEqual(pipeline.value("SELECT count(*) FROM quotes"), 1)

    def test_a_declared_table_is_what_its_files_hold(self):
        with Pipeline("--feed", "none", "--flush-age", "100ms") as pipeline:
            lake = f"{pipeline.data}/lake"
            run("table", "create", "bars", "s VARCHAR, price DECIMAL(18,4), t TIMESTAMP_NS",
                "--event-time", "t", "--symbol", "s", "--lake", lake)
            refused = run("table", "create", "bars", "s VARCHAR", "--lake", lake, check=False)
            self.assertIn("error: the table bars is there", refused.stderr)
            pipeline.produce("bars", ['{"s":"B","price":189.1,"t":"2026-11-24T00:15:03.5Z"}'])
            self.wait_for_files(pipeline, "bars", 1)
            pipeline.produce("bars", ['{"s":"A","price":7,"t":"2026-11-24T00:15:03.123456789Z"}',
                                      '{"s":"A","price":1.00001}'])
            self.wait_for_files(pipeline, "bars", 2)
            self.assertEqual(pipeline.query("SELECT price::VARCHAR, typeof(price), "
                                            "_event_time = t FROM bars WHERE s = 'B'"),
                             [["189.1000", "DECIMAL(18,4)", True]])
            self.assertEqual(pandas_reads(f"{lake}/bars", "price", "t"),
                             {"price": ["189.1000", "7.0000"],
                              "t": ["2026-11-24 00:15:03.500000",
                                     "2026-11-24 00:15:03.123456789"]})
            described = run("table", "describe", "bars", "--lake", lake, "--output", "json").stdout
            self.assertEqual(json.loads(described.splitlines()[1]),
                             {"column": "price", "type": "DECIMAL(18,4)", "key": "price",
                              "declared": "yes", "role": ""})
            self.assertIn('"rows":2', run("table", "list", "--lake", lake,
                                          "--output", "json").stdout)
            kept = run("table", "drop", "bars", "--lake", lake, check=False)
            self.assertIn("error: will not drop the table bars", kept.stderr)

    def test_simulated_trades_have_decimal_prices(self):
        with Pipeline("--flush-age", "200ms") as pipeline:
            wait_until(lambda: pipeline.value_or("SELECT count(*) FROM trades", 0), "trades")
            self.assertEqual(pipeline.value("SELECT any_value(typeof(price)) FROM trades"),
                             "DECIMAL(18,4)")
            self.assertEqual(pipeline.value("SELECT any_value(typeof(close)) FROM sp500"),
                             "DECIMAL(18,6)")


if __name__ == "__main__":
    unittest.main()
