"""Objects far larger than the memory that they may take: one PUT, an upload in parts, and GETs of both.
LARGE_MIB says how large; S3's most for one PUT is 5120."""

import hashlib
import os
import pathlib
import subprocess
import tempfile
import time
import unittest

from boto3.s3.transfer import TransferConfig

from stack import Pipeline, client, settings

MIB = 1 << 20
LARGE = int(os.environ.get("LARGE_MIB", 256)) * MIB
PART = 16 * MIB
# Of buffers on the way; an object in memory, or a part of each of four connections, would be more.
GROWN_BYTES_MAX = 48 * MIB


class LargeObjects(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # AddressSanitizer keeps what was freed, by default 256 MiB of it.
        os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=8"
        cls.up = Pipeline("--feed", "none").start()
        cls.addClassCleanup(cls.up.__exit__, None)
        given = settings(cls.up.data) | {"AWS_ENDPOINT_URL": cls.up.aws_url}
        cls.s3 = client("s3", given)
        cls.s3.create_bucket(Bucket="large")
        # Mostly a hole, with something to tell its places apart.
        cls.source = cls.enterClassContext(tempfile.NamedTemporaryFile(prefix="ticklake-large-"))
        for at in range(0, LARGE, 10 * MIB):
            cls.source.seek(at)
            cls.source.write(b"at %d" % at)
        cls.source.truncate(LARGE)

    def memory(self, name):
        for line in pathlib.Path(f"/proc/{self.up.process.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
        raise AssertionError(f"no {name}")

    def in_bounded_memory(self, what, run):
        before = self.memory("VmRSS")
        pathlib.Path(f"/proc/{self.up.process.pid}/clear_refs").write_text("5")
        begin = time.monotonic()
        result = run()
        elapsed, grown = time.monotonic() - begin, self.memory("VmHWM") - before
        print(f"{what}: {LARGE // MIB} MiB in {elapsed:.1f} s, "
              f"{grown >> 20} MiB more than the {before >> 20} MiB before")
        self.assertLess(grown, GROWN_BYTES_MAX, what)
        return result

    def get(self, key):
        """The MD5 of the object, read as it comes."""
        digest = hashlib.md5()
        body = self.s3.get_object(Bucket="large", Key=key)["Body"]
        for chunk in body.iter_chunks(MIB):
            digest.update(chunk)
        return digest.hexdigest()

    def source_md5(self):
        with open(self.source.name, "rb") as file:
            return hashlib.file_digest(file, "md5").hexdigest()

    def test_one_put_and_a_get(self):
        url = self.s3.generate_presigned_url("put_object", {"Bucket": "large", "Key": "one"}, 3600)
        self.in_bounded_memory("PUT", lambda: subprocess.run(
            ["curl", "--silent", "--show-error", "--fail", "--upload-file", self.source.name, url], check=True))
        head = self.s3.head_object(Bucket="large", Key="one")
        self.assertEqual((head["ContentLength"], head["ETag"]), (LARGE, f'"{self.source_md5()}"'))
        self.assertEqual(self.in_bounded_memory("GET", lambda: self.get("one")), self.source_md5())

    def test_an_upload_in_parts_and_a_get(self):
        parts = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, max_concurrency=4)
        self.in_bounded_memory("multipart upload", lambda: self.s3.upload_file(
            self.source.name, "large", "parts", Config=parts))
        head = self.s3.head_object(Bucket="large", Key="parts")
        self.assertEqual(head["ContentLength"], LARGE)
        self.assertTrue(head["ETag"].endswith(f'-{-(-LARGE // PART)}"'), head["ETag"])
        self.assertEqual(self.in_bounded_memory("GET of parts", lambda: self.get("parts")), self.source_md5())


if __name__ == "__main__":
    unittest.main()
