"""Athena as its clients use it: boto3, PyAthena and awswrangler against `ticklake up`.

Every answer is held against botocore's model of the service."""

import json
import time
import unittest
import uuid

from endpoint import Endpoint, WholeProgram, wait_until

import boto3
from service_model import ModelCheck


class AthenaTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.endpoint = Endpoint()
        cls.addClassCleanup(cls.endpoint.served.close)
        if isinstance(cls.endpoint.served, WholeProgram):
            cls.endpoint.served.pipeline.flags = ("--aws-listen", cls.endpoint.address)  # and a feed
        cls.endpoint.start().use()
        cls.s3 = boto3.client("s3")
        cls.glue = boto3.client("glue")
        cls.athena = boto3.client("athena")
        cls.check = ModelCheck(cls.athena)
        cls.s3.create_bucket(Bucket="market")
        for i, line in enumerate((
                {"Index": "HSI", "Date": "2020-01-02", "Adj Close": 10.5, "Volume": 0},
                {"Index": "NYA", "Date": "2020-01-03", "Adj Close": 11.25, "Volume": 7})):
            cls.s3.put_object(Bucket="market", Key=f"json/{i}.json", Body=json.dumps(line))
        cls.sql("CREATE DATABASE IF NOT EXISTS stocks")
        cls.sql("CREATE EXTERNAL TABLE IF NOT EXISTS stocks.quotes (`index` string, `date` string, "
                "`adj close` double, volume bigint) ROW FORMAT SERDE "
                "'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://market/json/'")

    @classmethod
    def tearDownClass(cls):
        assert not cls.check.found, cls.check.found

    @classmethod
    def start(cls, sql, **options):
        return cls.athena.start_query_execution(QueryString=sql, **options)["QueryExecutionId"]

    @classmethod
    def wait(cls, query_id):
        while True:
            execution = cls.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
            if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return execution

    @classmethod
    def sql(cls, sql, **options):
        """The rows of a statement, the header among them."""
        execution = cls.wait(cls.start(sql, **options))
        if execution["Status"]["State"] != "SUCCEEDED":
            raise AssertionError(execution["Status"])
        pages = cls.athena.get_paginator("get_query_results").paginate(
            QueryExecutionId=execution["QueryExecutionId"])
        return [[cell.get("VarCharValue") for cell in row["Data"]]
                for page in pages for row in page["ResultSet"]["Rows"]]

    def test_a_result_is_a_csv_in_s3(self):
        query_id = self.start('SELECT "index", sum(volume) AS v FROM stocks.quotes GROUP BY 1 '
                              "ORDER BY 1")
        execution = self.wait(query_id)
        self.assertEqual(execution["Status"]["State"], "SUCCEEDED")
        self.assertEqual(execution["StatementType"], "DML")
        self.assertGreater(execution["Statistics"]["DataScannedInBytes"], 0)
        location = execution["ResultConfiguration"]["OutputLocation"]
        self.assertEqual(location, f"s3://athena-results/{query_id}.csv")
        text = self.s3.get_object(Bucket="athena-results", Key=f"{query_id}.csv")["Body"].read()
        self.assertEqual(text, b'"index","v"\n"HSI","0"\n"NYA","7"\n')
        self.s3.head_object(Bucket="athena-results", Key=f"{query_id}.csv.metadata")
        self.assertEqual(self.sql("SELECT 1 AS a"), [["a"], ["1"]])

    def test_results_come_a_thousand_rows_a_page(self):
        rows = self.sql("SELECT x FROM UNNEST(sequence(1, 2500)) AS t(x) ORDER BY x")
        self.assertEqual(len(rows), 2501)
        self.assertEqual(rows[-1], ["2500"])

    def test_types_are_those_of_athena(self):
        query_id = self.start(
            "SELECT 1 AS i, BIGINT '2' AS b, 1.5e0 AS d, DECIMAL '1.50' AS p, 'x' AS s, true AS t, "
            "DATE '2026-01-05' AS dt, TIMESTAMP '2026-01-02 03:04:05' AS ts, ARRAY[1, 2] AS a, "
            "MAP(ARRAY['k'], ARRAY[1]) AS m, CAST(ROW(1, 'a') AS ROW(x int, y varchar)) AS r, "
            "NULL AS n, '' AS e")
        self.wait(query_id)
        result = self.athena.get_query_results(QueryExecutionId=query_id)["ResultSet"]
        info = result["ResultSetMetadata"]["ColumnInfo"]
        self.assertEqual([(c["Type"], c["Precision"], c["Scale"]) for c in info[:4]],
                         [("integer", 10, 0), ("bigint", 19, 0), ("double", 17, 0),
                          ("decimal", 3, 2)])
        self.assertEqual([c["Type"] for c in info[4:11]],
                         ["varchar", "boolean", "date", "timestamp", "array", "map", "row"])
        self.assertEqual([cell.get("VarCharValue") for cell in result["Rows"][1]["Data"]],
                         ["1", "2", "1.5", "1.50", "x", "true", "2026-01-05",
                          "2026-01-02 03:04:05.000", "[1, 2]", "{k=1}", "{x=1, y=a}", None, ""])

    def test_a_token_starts_one_query(self):
        token = uuid.uuid4().hex
        first = self.start("SELECT 41", ClientRequestToken=token)
        self.assertEqual(self.start("SELECT 41", ClientRequestToken=token), first)
        with self.assertRaises(self.athena.exceptions.InvalidRequestException) as refused:
            self.start("SELECT 42", ClientRequestToken=token)
        self.assertTrue(refused.exception.response["AthenaErrorCode"])

    def test_what_fails_says_why(self):
        execution = self.wait(self.start("SELECT * FROM stocks.nosuch"))
        self.assertEqual(execution["Status"]["State"], "FAILED")
        self.assertIn("TABLE_NOT_FOUND: line 1:15:", execution["Status"]["StateChangeReason"])
        self.assertEqual(execution["Status"]["AthenaError"]["ErrorCategory"], 2)
        with self.assertRaises(self.athena.exceptions.InvalidRequestException):
            self.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
        with self.assertRaises(self.athena.exceptions.InvalidRequestException):
            self.athena.get_query_execution(QueryExecutionId="nosuch")
        with self.assertRaises(self.athena.exceptions.InvalidRequestException):
            self.start("SELECT 1", ResultConfiguration={"OutputLocation": "s3://no-such-bucket/"})
        with self.assertRaises(self.athena.exceptions.MetadataException):
            self.athena.get_table_metadata(CatalogName="AwsDataCatalog", DatabaseName="stocks",
                                           TableName="nosuch")

    def test_the_rest_of_the_api_answers_as_the_model_says(self):
        a = self.athena
        self.assertIn("EnforceWorkGroupConfiguration",
                      a.get_work_group(WorkGroup="primary")["WorkGroup"]["Configuration"])
        a.create_work_group(Name="team", Configuration={
            "ResultConfiguration": {"OutputLocation": "s3://market/results/"}})
        query_id = self.start("SELECT 1", WorkGroup="team")
        self.assertTrue(self.wait(query_id)["ResultConfiguration"]["OutputLocation"]
                        .startswith("s3://market/results/"))
        a.update_work_group(WorkGroup="team", State="DISABLED")
        with self.assertRaises(a.exceptions.InvalidRequestException):
            self.start("SELECT 1", WorkGroup="team")
        self.assertIn("team", [g["Name"] for g in a.list_work_groups()["WorkGroups"]])
        self.assertEqual(a.list_query_executions(WorkGroup="team")["QueryExecutionIds"],
                         [query_id])
        a.delete_work_group(WorkGroup="team", RecursiveDeleteOption=True)
        batch = a.batch_get_query_execution(QueryExecutionIds=[query_id, "nosuch"])
        self.assertEqual(len(batch["QueryExecutions"]), 1)
        self.assertEqual(len(batch["UnprocessedQueryExecutionIds"]), 1)
        a.get_query_runtime_statistics(QueryExecutionId=query_id)
        a.list_engine_versions()
        a.list_data_catalogs()
        for name in ("AwsDataCatalog", "awsdatacatalog"):
            a.get_data_catalog(Name=name)
            self.assertIn("stocks", [d["Name"] for d in a.list_databases(CatalogName=name)
                                     ["DatabaseList"]])
            a.get_database(CatalogName=name, DatabaseName="stocks")
            tables = a.list_table_metadata(CatalogName=name, DatabaseName="stocks")
            self.assertIn("quotes", [t["Name"] for t in tables["TableMetadataList"]])
        named = a.create_named_query(Name="n", Database="stocks", QueryString="SELECT 1")
        self.assertIn(named["NamedQueryId"], a.list_named_queries()["NamedQueryIds"])
        a.get_named_query(NamedQueryId=named["NamedQueryId"])
        a.batch_get_named_query(NamedQueryIds=[named["NamedQueryId"], "nosuch"])
        a.update_named_query(NamedQueryId=named["NamedQueryId"], Name="m", QueryString="SELECT 2")
        a.delete_named_query(NamedQueryId=named["NamedQueryId"])
        statement = {"StatementName": "plus", "WorkGroup": "primary"}
        a.create_prepared_statement(**statement, QueryStatement="SELECT ? + 1 AS n")
        self.assertEqual(self.sql("EXECUTE plus", ExecutionParameters=["41"]), [["n"], ["42"]])
        a.update_prepared_statement(**statement, QueryStatement="SELECT ? + 2 AS n")
        a.get_prepared_statement(**statement)
        a.batch_get_prepared_statement(PreparedStatementNames=["plus", "nosuch"],
                                       WorkGroup="primary")
        a.list_prepared_statements(WorkGroup="primary")
        a.delete_prepared_statement(**statement)
        with self.assertRaises(a.exceptions.ResourceNotFoundException):
            a.get_prepared_statement(**statement)
        a.stop_query_execution(QueryExecutionId=query_id)

    def test_pyathena_cursors_read_rows_and_frames(self):
        import pyathena
        from pyathena.pandas.cursor import PandasCursor
        connection = pyathena.connect(s3_staging_dir="s3://athena-results/pyathena/",
                                      schema_name="stocks", poll_interval=0.05)
        rows = connection.cursor().execute('SELECT "index", volume FROM quotes ORDER BY 1')
        self.assertEqual(rows.fetchall(), [("HSI", 0), ("NYA", 7)])
        rows = connection.cursor().execute("SELECT count(*) FROM quotes WHERE volume > ?", ["1"],
                                           paramstyle="qmark")
        self.assertEqual(rows.fetchone(), (1,))
        frame = connection.cursor(PandasCursor).execute("SELECT * FROM quotes").as_pandas()
        self.assertEqual(list(frame.columns), ["index", "date", "adj close", "volume"])
        self.assertEqual(float(frame["adj close"].sum()), 21.75)
        unloaded = connection.cursor(PandasCursor, unload=True).execute("SELECT * FROM quotes")
        self.assertEqual(len(unloaded.as_pandas()), 2)
        described = connection.cursor().execute("DESCRIBE quotes").fetchall()
        self.assertEqual(described[0], ("index               \tstring              \t"
                                        "                    ",))

    def test_awswrangler_reads_by_ctas_by_rows_and_by_unload(self):
        import awswrangler
        awswrangler.config.athena_query_wait_polling_delay = 0.05
        read = awswrangler.athena.read_sql_query
        query = "SELECT volume, \"adj close\" AS close FROM quotes ORDER BY volume"
        for options in ({}, {"ctas_approach": False},
                        {"ctas_approach": False, "unload_approach": True,
                         "s3_output": "s3://athena-results/unloaded/"}):
            frame = read(query, database="stocks", **options)
            self.assertEqual(sorted(frame["volume"]), [0, 7], options)
            self.assertEqual(sorted(frame["close"]), [10.5, 11.25], options)
        self.assertEqual(awswrangler.athena.describe_table("quotes", database="stocks")
                         ["Column Name"].tolist(), ["index", "date", "adj close", "volume"])

    def test_a_count_grows_with_each_object(self):
        count = "SELECT count(*) FROM stocks.quotes WHERE volume < 0"
        self.assertEqual(self.sql(count)[1], ["0"])
        self.s3.put_object(Bucket="market", Key="json/less.json", Body=b'{"Volume": -1}')
        self.assertEqual(self.sql(count)[1], ["1"])
        self.s3.delete_object(Bucket="market", Key="json/less.json")
        self.assertEqual(self.sql(count)[1], ["0"])

    def test_live_tables_grow_with_each_query(self):
        served = self.endpoint.served
        if isinstance(served, WholeProgram):  # trades come after the data set that is shipped
            wait_until(lambda: served.pipeline.value_or("SELECT count(*) FROM trades", 0), "trades")
        before = int(self.sql("SELECT count(*) FROM ticklake.trades")[1][0])
        end = time.monotonic() + 60
        while int(self.sql("SELECT count(*) FROM ticklake.trades")[1][0]) <= before:
            self.assertLess(time.monotonic(), end)

    def test_finished_queries_survive_a_restart(self):
        query_id = self.start("SELECT 'kept' AS a")
        self.wait(query_id)
        self.endpoint.kill()
        self.endpoint.start()
        result = self.athena.get_query_results(QueryExecutionId=query_id)["ResultSet"]["Rows"]
        self.assertEqual(result[1]["Data"], [{"VarCharValue": "kept"}])


if __name__ == "__main__":
    unittest.main()
