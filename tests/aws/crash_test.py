"""kill -9 amid writes: what was answered is whole, what was not is whole or absent."""

import hashlib
import threading
import unittest

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from endpoint import Endpoint

MIB = 1024 * 1024
WRITERS = 4


def content_of(key):
    """Its bytes can be told from its key, and half of them from the whole."""
    seed = hashlib.sha256(key.encode()).digest()
    return seed * (1 + seed[0] * 64)


class CrashTest(unittest.TestCase):
    def client(self, endpoint):
        endpoint.use()
        # A session of its own: the default one keeps the first credentials that it found.
        return boto3.Session().client("s3", config=Config(retries={"total_max_attempts": 1},
                                                connect_timeout=5, read_timeout=20))

    def write_until_killed(self, s3, number, answered, asked, enough):
        count = 0
        while True:
            key = f"w{number}/{count}"
            asked.append(key)
            try:
                if count % 5 == 4:
                    self.write_in_parts(s3, key)
                else:
                    s3.put_object(Bucket="crash", Key=key, Body=content_of(key))
            except (BotoCoreError, ClientError):
                return
            answered.append(key)
            if len(answered) > 60:
                enough.set()
            count += 1

    @staticmethod
    def write_in_parts(s3, key):
        where = {"Bucket": "crash", "Key": key}
        where["UploadId"] = s3.create_multipart_upload(**where)["UploadId"]
        part = s3.upload_part(**where, PartNumber=1, Body=content_of(key))
        s3.complete_multipart_upload(**where, MultipartUpload={
            "Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})

    def test_objects_survive_kill_9(self):
        with Endpoint() as endpoint:
            self.client(endpoint).create_bucket(Bucket="crash")
            answered, asked = [], []
            for _ in range(3):
                enough = threading.Event()
                rounds = []
                s3 = self.client(endpoint)
                prefix = len(asked)
                threads = [threading.Thread(target=self.write_until_killed, args=(
                    s3, f"{prefix}-{i}", rounds, asked, enough)) for i in range(WRITERS)]
                for thread in threads:
                    thread.start()
                self.assertTrue(enough.wait(60))
                endpoint.kill()
                for thread in threads:
                    thread.join()
                answered += rounds
                endpoint.start()
                self.check(self.client(endpoint), answered, asked)

    def check(self, s3, answered, asked):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket="crash")
        listed = {c["Key"]: c for page in pages for c in page.get("Contents", [])}
        self.assertLessEqual(set(answered), set(listed))
        self.assertLessEqual(set(listed), set(asked))
        for key, entry in listed.items():
            body = s3.get_object(Bucket="crash", Key=key)["Body"].read()
            self.assertEqual(body, content_of(key), key)
            self.assertEqual(entry["Size"], len(body))
            if not entry["ETag"].endswith('-1"'):
                self.assertEqual(entry["ETag"], f'"{hashlib.md5(body).hexdigest()}"')


if __name__ == "__main__":
    unittest.main()
