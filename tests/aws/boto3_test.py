"""boto3 as people use it, against the endpoint: S3."""

import base64
import concurrent.futures
import hashlib
import io
import threading
import unittest
import urllib.error
import urllib.request
import zlib

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

from endpoint import Endpoint, REGION, code_of

MIB = 1024 * 1024


class S3Test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.endpoint = Endpoint().start().use()
        cls.addClassCleanup(cls.endpoint.served.close)
        cls.s3 = boto3.client("s3")

    def setUp(self):
        self.bucket = "b-" + hashlib.sha256(self.id().encode()).hexdigest()[:20]
        self.s3.create_bucket(Bucket=self.bucket)

    def put(self, key, body=b"x", **more):
        return self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, **more)

    def get(self, key, **more):
        return self.s3.get_object(Bucket=self.bucket, Key=key, **more)

    def test_buckets_are_made_listed_and_deleted(self):
        self.assertIn(self.bucket, [b["Name"] for b in self.s3.list_buckets()["Buckets"]])
        self.assertEqual(code_of(self.s3.create_bucket, Bucket=self.bucket),
                         "BucketAlreadyOwnedByYou")
        self.put("k")
        self.assertEqual(code_of(self.s3.delete_bucket, Bucket=self.bucket), "BucketNotEmpty")
        self.s3.delete_object(Bucket=self.bucket, Key="k")
        self.s3.delete_bucket(Bucket=self.bucket)
        self.assertEqual(code_of(self.s3.head_bucket, Bucket=self.bucket), "404")
        self.assertEqual(code_of(self.s3.list_objects_v2, Bucket=self.bucket), "NoSuchBucket")
        self.assertEqual(code_of(self.put, "k"), "NoSuchBucket")
        elsewhere = boto3.client("s3", region_name="eu-west-3")
        elsewhere.create_bucket(Bucket=self.bucket,
                                CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
        self.assertIsNone(self.s3.get_bucket_location(Bucket=self.bucket)["LocationConstraint"])
        self.assertNotIn("Status", self.s3.get_bucket_versioning(Bucket=self.bucket))

    def test_an_object_comes_back_with_what_was_said_of_it(self):
        body = bytes(range(256)) * 1000
        put = self.put("a/ü b+c=1.bin", body, ContentType="text/csv", Metadata={"who": "me"},
                       CacheControl="no-store", ContentEncoding="gzip")
        self.assertEqual(put["ETag"], f'"{hashlib.md5(body).hexdigest()}"')
        got = self.get("a/ü b+c=1.bin", ChecksumMode="ENABLED")
        self.assertEqual(got["Body"].read(), body)
        self.assertEqual((got["ContentType"], got["Metadata"], got["CacheControl"],
                          got["ContentEncoding"]), ("text/csv", {"who": "me"}, "no-store", "gzip"))
        crc = base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
        self.assertEqual(got["ChecksumCRC32"], crc)
        head = self.s3.head_object(Bucket=self.bucket, Key="a/ü b+c=1.bin")
        self.assertEqual((head["ContentLength"], head["ETag"]), (len(body), put["ETag"]))
        attributes = self.s3.get_object_attributes(
            Bucket=self.bucket, Key="a/ü b+c=1.bin",
            ObjectAttributes=["ETag", "Checksum", "ObjectSize", "StorageClass"])
        self.assertEqual((attributes["ETag"], attributes["Checksum"]["ChecksumCRC32"],
                          attributes["ObjectSize"]), (put["ETag"].strip('"'), crc, len(body)))

    def test_ranges_and_conditions_of_reading(self):
        etag = self.put("k", b"0123456789")["ETag"]
        for asked, given in (("bytes=2-4", b"234"), ("bytes=7-", b"789"), ("bytes=-3", b"789"),
                             ("bytes=8-100", b"89")):
            answer = self.get("k", Range=asked, IfMatch=etag)
            self.assertEqual(answer["Body"].read(), given)
            self.assertTrue(answer["ContentRange"].endswith("/10"))
        self.assertEqual(code_of(self.get, "k", Range="bytes=10-"), "InvalidRange")
        self.assertEqual(code_of(self.get, "k", IfMatch='"other"'), "PreconditionFailed")
        self.assertEqual(code_of(self.get, "k", IfNoneMatch=etag), "304")
        self.assertEqual(code_of(self.get, "none"), "NoSuchKey")
        self.assertEqual(code_of(self.s3.head_object, Bucket=self.bucket, Key="none"), "404")

    def test_conditions_of_writing(self):
        self.assertEqual(code_of(self.put, "k", IfMatch='"x"'), "NoSuchKey")
        etag = self.put("k", b"1", IfNoneMatch="*")["ETag"]
        self.assertEqual(code_of(self.put, "k", b"2", IfNoneMatch="*"), "PreconditionFailed")
        self.assertEqual(code_of(self.put, "k", b"2", IfMatch='"x"'), "PreconditionFailed")
        self.put("k", b"2", IfMatch=etag)
        self.assertEqual(self.get("k")["Body"].read(), b"2")

    def test_of_eight_writers_one_wins_each_key(self):
        clients = [boto3.client("s3") for _ in range(8)]
        together = threading.Barrier(8)

        def write(number):
            won = []
            for key in range(60):
                together.wait()
                try:
                    clients[number].put_object(Bucket=self.bucket, Key=f"k{key}",
                                               Body=str(number), IfNoneMatch="*")
                    won.append(key)
                except ClientError as refused:
                    self.assertIn(refused.response["Error"]["Code"],
                                  ("PreconditionFailed", "ConditionalRequestConflict"))
            return won

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            wins = list(pool.map(write, range(8)))
        self.assertEqual(sorted(key for won in wins for key in won), list(range(60)))
        for number, won in enumerate(wins):
            for key in won:
                self.assertEqual(self.get(f"k{key}")["Body"].read(), str(number).encode())

    def test_keys_that_no_file_system_holds(self):
        keys = ["a", "a/b", "a/b/c", "a/", "a//b", "//", "x/../y", "k" * 1024, "n" * 300 + "/x",
                "日本/語", "per%2Fcent", "plus+and space", "*?[", "tab\there", "é\u0301", "🦆"]
        for key in keys:
            self.put(key, key.encode())
        for key in keys:
            self.assertEqual(self.get(key)["Body"].read(), key.encode())
        listed = [c["Key"] for c in self.s3.list_objects_v2(Bucket=self.bucket)["Contents"]]
        self.assertEqual(listed, sorted(keys, key=str.encode))
        self.assertEqual(code_of(self.put, "k" * 1025), "KeyTooLongError")
        deleted = self.s3.delete_objects(Bucket=self.bucket,
                                         Delete={"Objects": [{"Key": key} for key in keys]})
        self.assertEqual(len(deleted["Deleted"]), len(keys))
        self.assertEqual(self.s3.list_objects_v2(Bucket=self.bucket)["KeyCount"], 0)

    def test_listings_come_in_pages(self):
        keys = sorted(f"{folder}/{i:03}" for folder in ("a", "b b", "c") for i in range(40))
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(self.put, keys + ["top"]))
        for operation in ("list_objects_v2", "list_objects"):
            pages = self.s3.get_paginator(operation).paginate(Bucket=self.bucket, PaginationConfig={
                "PageSize": 7})
            self.assertEqual([c["Key"] for page in pages for c in page.get("Contents", [])],
                             keys + ["top"])
            pages = list(self.s3.get_paginator(operation).paginate(
                Bucket=self.bucket, Delimiter="/", PaginationConfig={"PageSize": 2}))
            self.assertEqual([p["Prefix"] for page in pages for p in page.get("CommonPrefixes", [])],
                             ["a/", "b b/", "c/"])
            self.assertEqual([c["Key"] for page in pages for c in page.get("Contents", [])], ["top"])
        after = self.s3.list_objects_v2(Bucket=self.bucket, Prefix="c/", StartAfter="c/037")
        self.assertEqual([c["Key"] for c in after["Contents"]], ["c/038", "c/039"])

    def test_uploads_in_parts(self):
        body = bytes(range(256)) * 4096 * 12  # 12 MiB
        self.s3.upload_fileobj(io.BytesIO(body), self.bucket, "big", Config=TransferConfig(
            multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB))
        head = self.s3.head_object(Bucket=self.bucket, Key="big")
        self.assertTrue(head["ETag"].endswith('-3"'))
        got = io.BytesIO()
        self.s3.download_fileobj(self.bucket, "big", got, Config=TransferConfig(
            multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB))
        self.assertEqual(got.getvalue(), body)
        second = self.get("big", PartNumber=2)
        self.assertEqual(second["Body"].read(), body[5 * MIB:10 * MIB])

    def test_what_is_wrong_with_parts_is_said(self):
        upload = self.s3.create_multipart_upload(Bucket=self.bucket, Key="k")["UploadId"]
        where = {"Bucket": self.bucket, "Key": "k", "UploadId": upload}
        second = self.s3.upload_part(**where, PartNumber=2, Body=b"22")["ETag"]
        first = self.s3.upload_part(**where, PartNumber=1, Body=b"1")["ETag"]
        self.assertEqual([p["PartNumber"] for p in self.s3.list_parts(**where)["Parts"]], [1, 2])
        uploads = self.s3.list_multipart_uploads(Bucket=self.bucket)["Uploads"]
        self.assertEqual([(u["Key"], u["UploadId"]) for u in uploads], [("k", upload)])

        def complete(*parts, **more):
            return code_of(self.s3.complete_multipart_upload, **where, **more, MultipartUpload={
                "Parts": [{"PartNumber": number, "ETag": etag} for number, etag in parts]})

        self.assertEqual(complete((1, first), (2, second)), "EntityTooSmall")
        self.assertEqual(complete((2, second), (1, first)), "InvalidPartOrder")
        self.assertEqual(complete((1, second)), "InvalidPart")
        self.put("k")
        self.assertEqual(complete((1, first), IfNoneMatch="*"), "PreconditionFailed")
        self.s3.complete_multipart_upload(**where, MultipartUpload={
            "Parts": [{"PartNumber": 2, "ETag": second}]})
        self.assertEqual(self.get("k")["Body"].read(), b"22")
        self.assertEqual(complete((1, first)), "NoSuchUpload")
        self.assertEqual(code_of(self.s3.abort_multipart_upload, **where), "NoSuchUpload")

    def test_copies(self):
        self.put("dir/ä b", b"content", ContentType="text/csv", Metadata={"a": "1"})
        source = {"Bucket": self.bucket, "Key": "dir/ä b"}
        copied = self.s3.copy_object(Bucket=self.bucket, Key="c", CopySource=source)
        self.assertEqual(copied["CopyObjectResult"]["ETag"], self.get("c")["ETag"])
        self.assertEqual(self.get("c")["Metadata"], {"a": "1"})
        self.s3.copy_object(Bucket=self.bucket, Key="c", CopySource=source,
                            MetadataDirective="REPLACE", Metadata={"b": "2"})
        self.assertEqual(self.get("c")["Metadata"], {"b": "2"})
        self.assertEqual(code_of(self.s3.copy_object, Bucket=self.bucket, Key="dir/ä b",
                                 CopySource=source), "InvalidRequest")
        self.assertEqual(code_of(self.s3.copy_object, Bucket=self.bucket, Key="d", CopySource=source,
                                 CopySourceIfMatch='"x"'), "PreconditionFailed")
        upload = self.s3.create_multipart_upload(Bucket=self.bucket, Key="p")["UploadId"]
        where = {"Bucket": self.bucket, "Key": "p", "UploadId": upload}
        part = self.s3.upload_part_copy(**where, PartNumber=1, CopySource=source,
                                        CopySourceRange="bytes=1-3")["CopyPartResult"]["ETag"]
        self.s3.complete_multipart_upload(**where, MultipartUpload={
            "Parts": [{"PartNumber": 1, "ETag": part}]})
        self.assertEqual(self.get("p")["Body"].read(), b"ont")

    def test_checksums_of_the_client_are_checked(self):
        self.assertEqual(code_of(self.put, "k", b"x", ChecksumCRC32="AAAAAA=="), "BadDigest")
        self.assertEqual(code_of(self.put, "k", b"x", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg=="),
                         "BadDigest")
        self.assertEqual(code_of(self.get, "k"), "NoSuchKey")
        digest = base64.b64encode(hashlib.sha256(b"x").digest()).decode()
        self.assertEqual(self.put("k", b"x", ChecksumSHA256=digest)["ChecksumSHA256"], digest)

    def test_presigned_urls_of_both_signatures(self):
        html = "<script>alert(1)</script>".encode()
        for version in ("s3", "s3v4"):
            s3 = boto3.client("s3", config=Config(signature_version=version))
            put = s3.generate_presigned_url("put_object", {"Bucket": self.bucket, "Key": "p q"})
            with urllib.request.urlopen(urllib.request.Request(
                    put, html, {"Content-Type": ""}, method="PUT")) as answer:
                self.assertEqual(answer.status, 200)
            get = s3.generate_presigned_url(
                "get_object", {"Bucket": self.bucket, "Key": "p q",
                               "ResponseContentType": "text/html"}, ExpiresIn=60)
            with urllib.request.urlopen(get) as answer:
                self.assertEqual(answer.read(), html)
                self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
                self.assertEqual(answer.headers["Content-Disposition"], "attachment")
            for changed in (get.replace("p%20q", "other").replace("p+q", "other"),
                            get.replace("text%2Fhtml", "text%2Fcsv")):
                with self.assertRaises(urllib.error.HTTPError) as refused:
                    urllib.request.urlopen(changed)
                self.assertEqual(refused.exception.code, 403)
                self.assertIn(b"SignatureDoesNotMatch", refused.exception.read())

    def test_what_is_not_served_is_refused_by_name(self):
        for call in (self.s3.get_bucket_acl, self.s3.get_bucket_policy, self.s3.get_bucket_tagging,
                     self.s3.list_object_versions):
            self.assertEqual(code_of(call, Bucket=self.bucket), "NotImplemented")
        self.assertEqual(code_of(self.put, "k", Tagging="a=b"), "NotImplemented")
        self.assertEqual(code_of(self.put, "k", ACL="public-read"), "NotImplemented")

    def test_virtual_hosts_are_buckets_too(self):
        self.put("k/x", b"y")
        s3 = boto3.client("s3", endpoint_url=f"http://localhost:{self.endpoint.address.split(':')[1]}",
                          config=Config(s3={"addressing_style": "virtual"}))
        # The name need not resolve: the host is what a proxy would send.
        def send_home(request, **_):
            request.url = request.url.replace(f"http://{self.bucket}.localhost", "http://127.0.0.1")
            request.headers["Host"] = f"{self.bucket}.localhost:{self.endpoint.address.split(':')[1]}"
        s3.meta.events.register("before-send.s3", send_home)
        self.assertEqual(s3.get_object(Bucket=self.bucket, Key="k/x")["Body"].read(), b"y")


if __name__ == "__main__":
    unittest.main()
