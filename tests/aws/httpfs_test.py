"""DuckDB's httpfs, of PyPI, against the endpoint."""

import importlib.util
import pathlib
import unittest

import duckdb

from endpoint import Endpoint, REGION


def extension_file():
    """Where the wheel duckdb-extension-httpfs keeps it."""
    folder = pathlib.Path(importlib.util.find_spec("duckdb_extension_httpfs").origin).parent
    return next(folder.rglob("httpfs.duckdb_extension"))


class HttpfsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.endpoint = Endpoint().start().use()
        cls.addClassCleanup(cls.endpoint.served.close)

    def setUp(self):
        self.db = duckdb.connect(config={"autoinstall_known_extensions": "false",
                                         "autoload_known_extensions": "false"})
        self.db.execute(f"LOAD '{extension_file()}'")
        self.db.execute(f"CREATE SECRET (TYPE s3, KEY_ID '{self.endpoint.key}', "
                        f"SECRET '{self.endpoint.secret}', REGION '{REGION}', "
                        f"ENDPOINT '{self.endpoint.address}', URL_STYLE 'path', USE_SSL false)")

    def test_tables_are_written_and_read_by_glob(self):
        import boto3
        boto3.client("s3").create_bucket(Bucket="duck")
        self.db.execute("COPY (SELECT range AS i, range % 3 AS part FROM range(300000)) "
                        "TO 's3://duck/t' (FORMAT parquet, PARTITION_BY part)")
        rows = self.db.execute("SELECT count(*), sum(i) FROM "
                               "read_parquet('s3://duck/t/*/*.parquet', hive_partitioning = true) "
                               "WHERE part = 1").fetchone()
        self.assertEqual(rows[0], 100000)
        self.db.execute("COPY (SELECT 1 AS a) TO 's3://duck/one row.csv'")
        self.assertEqual(self.db.execute("FROM 's3://duck/one row.csv'").fetchall(), [(1,)])


if __name__ == "__main__":
    unittest.main()
