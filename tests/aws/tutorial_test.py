"""The tutorial as people write it, with nothing changed but the endpoint: a producer, a consumer, a
bucket, a crawler, and Athena, whose count grows."""

import os
import pathlib
import subprocess
import sys
import unittest
import uuid

import awswrangler
import boto3
import pyathena
import pyathena.pandas.cursor

from stack import Pipeline, client, settings, wait_until

HERE = pathlib.Path(__file__).resolve().parent
BUCKET = "kafka-stock-market-tutorial"
COUNT = "SELECT count(*) AS n FROM {table}"
# s3fs and boto3 of the same year do not go into one environment.
S3FS_PYTHON = os.environ.get("S3FS_PYTHON", sys.executable)
# So far a count has to grow; messages come each 100 ms.
GROWTH_S_MAX = 120


class Script:
    """A script of the tutorial, with the environment that `ticklake env` makes."""

    def __init__(self, python, name, given, *arguments):
        self.name = name
        self.process = subprocess.Popen([python, "-B", HERE / "tutorial" / name, *arguments],
                                        env=os.environ | given, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True)

    def check(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} ended: {self.process.stderr.read()[-3000:]}")

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        self.process.stderr.close()


class Tutorial(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.up = Pipeline("--rate", "200/s", "--flush-age", "2s").start()
        cls.given = settings(cls.up.data)
        # As `eval "$(ticklake env)"` does: the scripts below name no endpoint and no key.
        os.environ.update(cls.given)

    @classmethod
    def tearDownClass(cls):
        for name in cls.given:
            os.environ.pop(name, None)
        cls.up.__exit__(None)

    def counts(self, database, table):
        """The count by every way in which people ask Athena, each after the one before."""
        sql = COUNT.format(table=table)
        session = boto3.Session()

        def wrangler(**how):
            return int(awswrangler.athena.read_sql_query(
                sql, database=database, boto3_session=session, **how)["n"][0])

        def cursor(**how):
            with pyathena.connect(work_group="primary", schema_name=database, **how) as connection:
                return int(connection.cursor().execute(sql).fetchone()[0])
        return [wrangler(), wrangler(ctas_approach=False),
                wrangler(ctas_approach=False, unload_approach=True,
                         s3_output=f"s3://athena-results/unloaded/{uuid.uuid4()}/"),
                cursor(), cursor(cursor_class=pyathena.pandas.cursor.PandasCursor)]

    def ended(self, sql, database="default"):
        """The query's execution, once it has ended."""
        athena = client("athena", self.given)
        started = athena.start_query_execution(
            QueryString=sql, QueryExecutionContext={"Database": database})["QueryExecutionId"]

        def look():
            execution = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]
            return execution if execution["Status"]["State"] not in ("QUEUED", "RUNNING") else None
        return wait_until(look, "the query ends")

    def assert_grows(self, database, table, at_least=1):
        """Each way counts, none less than the one before it; later it is more."""
        first = self.counts(database, table)
        self.assertEqual(first, sorted(first))
        self.assertGreaterEqual(first[0], at_least)

        def has_grown():
            return int(awswrangler.athena.read_sql_query(
                COUNT.format(table=table), database=database, ctas_approach=False)["n"][0]) > first[-1]
        wait_until(has_grown, "the count grows", deadline_s=GROWTH_S_MAX, interval_s=0.5)

    def test_producer_consumer_crawler_and_athena(self):
        s3, glue = boto3.client("s3"), boto3.client("glue")
        s3.create_bucket(Bucket=BUCKET)
        scripts = [Script(S3FS_PYTHON, "producer.py", self.given, self.up.kafka, "demo",
                          str(HERE / "tutorial" / "stock_market.csv")),
                   Script(S3FS_PYTHON, "consumer.py", self.given, self.up.kafka, "demo", BUCKET)]
        try:
            def has_objects():
                for script in scripts:
                    script.check()
                return s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] >= 20
            wait_until(has_objects, "the consumer writes objects", deadline_s=GROWTH_S_MAX)

            glue.create_database(DatabaseInput={"Name": "stock_market_kafka"})
            glue.create_crawler(Name="stocks", Role="arn:aws:iam::000000000000:role/glue",
                                DatabaseName="stock_market_kafka",
                                Targets={"S3Targets": [{"Path": f"s3://{BUCKET}/"}]})
            glue.start_crawler(Name="stocks")
            wait_until(lambda: glue.get_crawler(Name="stocks")["Crawler"]["State"] == "READY",
                       "the crawler is READY", deadline_s=GROWTH_S_MAX, interval_s=0.2)
            crawl = glue.get_crawler(Name="stocks")["Crawler"]["LastCrawl"]
            self.assertEqual(crawl["Status"], "SUCCEEDED", crawl)
            tables = glue.get_tables(DatabaseName="stock_market_kafka")["TableList"]
            self.assertEqual([table["Name"] for table in tables], [BUCKET.replace("-", "_")])
            columns = {column["Name"]: column["Type"]
                       for column in tables[0]["StorageDescriptor"]["Columns"]}
            self.assertEqual(columns, {"index": "string", "date": "string", "open": "double",
                                       "high": "double", "low": "double", "close": "double"})
            self.assert_grows("stock_market_kafka", tables[0]["Name"], at_least=20)
            for script in scripts:
                script.check()
        finally:
            for script in scripts:
                script.stop()

    def test_trades_need_neither_consumer_nor_crawler(self):
        wait_until(lambda: self.up.value_or("SELECT count(*) FROM trades", 0), "trades")
        self.assert_grows("ticklake", "trades")
        # At the first commit, as files, it is a table of the catalog too.
        types = wait_until(lambda: awswrangler.catalog.get_table_types("ticklake", "trades"),
                           "trades is in the catalog")
        self.assertIn("price", types)

    def test_specific_data_of_trades_is_cheaper_than_a_full_scan(self):
        def scanned(sql):
            query = self.ended(sql, "ticklake")
            self.assertEqual(query["Status"]["State"], "SUCCEEDED", query)
            return query["Statistics"]["DataScannedInBytes"]
        wait_until(lambda: scanned("SELECT * FROM trades") > 0, "trades has files",
                   deadline_s=GROWTH_S_MAX, interval_s=0.5)
        one = scanned("SELECT sum(price) FROM trades")
        self.assertGreater(one, 0)
        self.assertLess(one, scanned("SELECT * FROM trades"))

    def test_the_results_are_where_the_work_group_puts_them(self):
        execution = self.ended("SELECT 1 AS one")
        started = execution["QueryExecutionId"]
        self.assertEqual(execution["Status"]["State"], "SUCCEEDED", execution)
        self.assertEqual(execution["ResultConfiguration"]["OutputLocation"],
                         f"s3://athena-results/{started}.csv")
        body = client("s3", self.given).get_object(Bucket="athena-results", Key=f"{started}.csv")
        self.assertEqual(body["Body"].read(), b'"one"\n"1"\n')


if __name__ == "__main__":
    unittest.main()
