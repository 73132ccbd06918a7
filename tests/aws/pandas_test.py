"""pandas' own s3:// paths, which are s3fs (and, told so, pyarrow) behind its readers and writers."""

import unittest

import pandas
import pyarrow.fs

from endpoint import Endpoint, REGION

FRAME = pandas.DataFrame({"symbol": ["AAPL", "MSFT", "AAPL"], "price": [1.25, 2.5, 3.75],
                          "size": [1, 2, 3]})


class PandasTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.endpoint = Endpoint().start()
        cls.addClassCleanup(cls.endpoint.served.close)
        # Nothing of it is in the environment: what pandas is told is all that it knows.
        cls.options = {"key": cls.endpoint.key, "secret": cls.endpoint.secret,
                       "client_kwargs": {"endpoint_url": cls.endpoint.url, "region_name": REGION}}
        cls.arrow = pyarrow.fs.S3FileSystem(
            endpoint_override=cls.endpoint.address, scheme="http", region=REGION,
            allow_bucket_creation=True, access_key=cls.endpoint.key, secret_key=cls.endpoint.secret)
        cls.arrow.create_dir("pandas")

    def assert_same(self, frame):
        pandas.testing.assert_frame_equal(frame.reset_index(drop=True), FRAME)

    def test_csv_also_compressed_and_in_pieces(self):
        for name in ("trades.csv", "trades.csv.gz"):
            path = f"s3://pandas/{name}"
            FRAME.to_csv(path, index=False, storage_options=self.options)
            self.assert_same(pandas.read_csv(path, storage_options=self.options))
        with pandas.read_csv("s3://pandas/trades.csv", chunksize=2,
                             storage_options=self.options) as pieces:
            self.assert_same(pandas.concat(pieces))

    def test_json_lines(self):
        FRAME.to_json("s3://pandas/trades.json", orient="records", lines=True,
                      storage_options=self.options)
        self.assert_same(pandas.read_json("s3://pandas/trades.json", lines=True,
                                          storage_options=self.options))

    def test_parquet_a_file_and_a_folder_of_partitions(self):
        FRAME.to_parquet("s3://pandas/trades.parquet", storage_options=self.options)
        self.assert_same(pandas.read_parquet("s3://pandas/trades.parquet",
                                             storage_options=self.options))
        prices = pandas.read_parquet("s3://pandas/trades.parquet", columns=["price"],
                                     filters=[("symbol", "==", "AAPL")],
                                     storage_options=self.options)
        self.assertEqual(list(prices["price"]), [1.25, 3.75])
        FRAME.to_parquet("s3://pandas/partitioned", partition_cols=["symbol"],
                         storage_options=self.options)
        read = pandas.read_parquet("s3://pandas/partitioned", storage_options=self.options)
        self.assertEqual(sorted(zip(read["symbol"].astype(str), read["size"])),
                         [("AAPL", 1), ("AAPL", 3), ("MSFT", 2)])

    def test_parquet_by_pyarrow(self):
        FRAME.to_parquet("pandas/arrow.parquet", filesystem=self.arrow)
        self.assert_same(pandas.read_parquet("pandas/arrow.parquet", filesystem=self.arrow))

    def test_the_environment_is_enough(self):
        self.endpoint.use()
        FRAME.to_csv("s3://pandas/environment.csv", index=False)
        self.assert_same(pandas.read_csv("s3://pandas/environment.csv"))

    def test_what_is_not_there_is_a_file_not_found(self):
        with self.assertRaises(FileNotFoundError):
            pandas.read_csv("s3://pandas/none.csv", storage_options=self.options)


if __name__ == "__main__":
    unittest.main()
