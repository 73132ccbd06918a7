"""pyarrow's S3FileSystem (Amazon's SDK for C++), awswrangler and pandas over S3."""

import unittest

import awswrangler
import boto3
import pandas
import pyarrow
import pyarrow.dataset
import pyarrow.fs
import pyarrow.parquet

from endpoint import Endpoint, REGION


class ArrowTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.endpoint = Endpoint().start().use()
        cls.addClassCleanup(cls.endpoint.served.close)

    def setUp(self):
        # It does not read AWS_ENDPOINT_URL.
        self.fs = pyarrow.fs.S3FileSystem(endpoint_override=self.endpoint.address, scheme="http",
                                          region=REGION, allow_bucket_creation=True,
                                          allow_bucket_deletion=True,
                                          access_key=self.endpoint.key,
                                          secret_key=self.endpoint.secret)
        self.fs.create_dir("arrow")
        self.addCleanup(self.fs.delete_dir, "arrow")

    def test_files_and_folders(self):
        with self.fs.open_output_stream("arrow/dir/small") as stream:
            stream.write(b"hello")
        with self.fs.open_output_stream("arrow/dir/large") as stream:
            for _ in range(12):
                stream.write(b"x" * 1024 * 1024)
        self.fs.create_dir("arrow/empty/deep", recursive=True)
        found = self.fs.get_file_info(pyarrow.fs.FileSelector("arrow", recursive=True))
        self.assertEqual(sorted(info.path for info in found),
                         ["arrow/dir", "arrow/dir/large", "arrow/dir/small", "arrow/empty",
                          "arrow/empty/deep"])
        self.assertEqual(self.fs.get_file_info("arrow/dir/large").size, 12 * 1024 * 1024)
        with self.fs.open_input_file("arrow/dir/small") as file:
            self.assertEqual(file.read_at(3, 1), b"ell")
        self.fs.copy_file("arrow/dir/small", "arrow/copy")
        self.fs.move("arrow/copy", "arrow/moved")
        self.fs.delete_file("arrow/moved")
        self.fs.delete_dir("arrow/dir")
        self.assertEqual(self.fs.get_file_info("arrow/dir").type, pyarrow.fs.FileType.NotFound)

    def test_a_partitioned_dataset(self):
        table = pyarrow.table({"symbol": ["A", "B"] * 500, "price": [float(i) for i in range(1000)]})
        pyarrow.dataset.write_dataset(table, "arrow/trades", filesystem=self.fs, format="parquet",
                                      partitioning=["symbol"], partitioning_flavor="hive")
        read = pyarrow.dataset.dataset("arrow/trades", filesystem=self.fs, partitioning="hive")
        self.assertEqual(read.count_rows(filter=pyarrow.dataset.field("symbol") == "B"), 500)

    def test_awswrangler_over_the_environment_alone(self):
        frame = pandas.DataFrame({"a": [1, 2], "b": ["x", "y"], "dt": ["1", "2"]})
        awswrangler.s3.to_parquet(frame, path="s3://arrow/wr/", dataset=True, partition_cols=["dt"])
        read = awswrangler.s3.read_parquet("s3://arrow/wr/", dataset=True)
        self.assertEqual(sorted(read["a"]), [1, 2])
        awswrangler.s3.to_csv(frame, "s3://arrow/wr.csv", index=False)
        self.assertEqual(len(awswrangler.s3.read_csv("s3://arrow/wr.csv")), 2)
        self.assertEqual(len(awswrangler.s3.list_objects("s3://arrow/wr/")), 2)
        awswrangler.s3.delete_objects("s3://arrow/wr")

    def test_the_lake_is_a_bucket(self):
        self.assertIn("lake", [b["Name"] for b in boto3.client("s3").list_buckets()["Buckets"]])


if __name__ == "__main__":
    unittest.main()
