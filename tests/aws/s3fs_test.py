"""s3fs, as the classic tutorial's consumer and as pandas use it, against the endpoint."""

import json
import unittest

import s3fs

from endpoint import Endpoint

MIB = 1024 * 1024


class S3fsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.endpoint = Endpoint().start().use()
        cls.addClassCleanup(cls.endpoint.served.close)

    def setUp(self):
        # Its listing cache would answer for the endpoint.
        self.fs = s3fs.S3FileSystem(use_listings_cache=False, skip_instance_cache=True)
        self.bucket = "b-" + self.id().rsplit("_", 1)[-1]
        self.fs.mkdir(self.bucket)

    def test_a_consumer_writes_each_message_as_a_json_object(self):
        for count in range(20):
            with self.fs.open(f"s3://{self.bucket}/stock_market_{count}.json", "w") as file:
                json.dump({"count": count}, file)
        self.assertEqual(len(self.fs.ls(self.bucket)), 20)
        self.assertEqual(len(self.fs.glob(f"{self.bucket}/*_1*.json")), 11)
        with self.fs.open(f"{self.bucket}/stock_market_7.json", "r") as file:
            self.assertEqual(json.load(file), {"count": 7})
        self.assertTrue(self.fs.exists(f"{self.bucket}/stock_market_7.json"))
        self.assertEqual(self.fs.info(f"{self.bucket}/stock_market_7.json")["size"], 12)

    def test_exclusive_creation_finds_what_exists(self):
        self.fs.pipe_file(f"{self.bucket}/x", b"1", mode="create")
        with self.assertRaises(FileExistsError):
            self.fs.pipe_file(f"{self.bucket}/x", b"2", mode="create")
        self.assertEqual(self.fs.cat(f"{self.bucket}/x"), b"1")

    def test_large_files_go_in_parts(self):
        body = bytes(range(256)) * 4096 * 11
        with self.fs.open(f"{self.bucket}/dir/large", "wb", block_size=5 * MIB) as file:
            for start in range(0, len(body), MIB):
                file.write(body[start:start + MIB])
        with self.fs.open(f"{self.bucket}/dir/large", "rb") as file:
            file.seek(6 * MIB + 1)
            self.assertEqual(file.read(10), body[6 * MIB + 1:6 * MIB + 11])
        self.assertEqual(self.fs.cat(f"{self.bucket}/dir/large"), body)

    def test_folders_are_walked_copied_and_removed(self):
        for key in ("a/1", "a/b/2", "c"):
            self.fs.pipe(f"{self.bucket}/{key}", key.encode())
        self.assertEqual(sorted(self.fs.find(self.bucket)),
                         [f"{self.bucket}/{key}" for key in ("a/1", "a/b/2", "c")])
        self.fs.cp(f"{self.bucket}/a", f"{self.bucket}/d", recursive=True)
        self.assertTrue(self.fs.isdir(f"{self.bucket}/d"))
        self.fs.mv(f"{self.bucket}/c", f"{self.bucket}/e")
        self.fs.rm(f"{self.bucket}/a", recursive=True)
        self.assertFalse(self.fs.exists(f"{self.bucket}/a"))
        self.fs.rm(self.bucket, recursive=True)
        self.assertFalse(self.fs.exists(self.bucket))


if __name__ == "__main__":
    unittest.main()
