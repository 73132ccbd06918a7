"""The AWS command line, version 1 (PyPI) and 2 (Debian), against the endpoint."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest
import urllib.request

from endpoint import Endpoint

# Which one: a program, and what it needs to be told besides the environment.
AWS = os.environ.get("AWS_CLI", "aws").split()


class CommandLineTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.endpoint = Endpoint().start()
        cls.addClassCleanup(cls.endpoint.served.close)
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))

    def aws(self, *arguments, fails=False):
        # Debian's version 2 does not know AWS_ENDPOINT_URL yet.
        done = subprocess.run([*AWS, "--endpoint-url", self.endpoint.url, *arguments],
                              capture_output=True, text=True, env=self.endpoint.environment(),
                              stdin=subprocess.DEVNULL, cwd=self.folder, timeout=120)
        self.assertEqual(done.returncode != 0, fails, done.stderr)
        return done.stderr if fails else done.stdout

    def test_what_people_type(self):
        self.aws("s3", "mb", "s3://cli")
        (self.folder / "up").mkdir()
        (self.folder / "up/a b.txt").write_text("hello")
        (self.folder / "up/big").write_bytes(os.urandom(10 << 20))
        self.aws("s3", "cp", "up/a b.txt", "s3://cli/x/a b.txt")
        self.aws("s3", "sync", "up", "s3://cli/sync")
        listed = self.aws("s3", "ls", "--recursive", "s3://cli")
        self.assertEqual([line.split(None, 3)[3] for line in listed.splitlines()],
                         ["sync/a b.txt", "sync/big", "x/a b.txt"])
        self.aws("s3", "sync", "s3://cli/sync", "down")
        self.assertEqual((self.folder / "down/big").read_bytes(),
                         (self.folder / "up/big").read_bytes())
        self.assertEqual(self.aws("s3", "cp", "s3://cli/x/a b.txt", "-"), "hello")
        with urllib.request.urlopen(self.aws("s3", "presign", "s3://cli/x/a b.txt").strip()) as got:
            self.assertEqual(got.read(), b"hello")
        self.aws("s3", "mv", "s3://cli/x/a b.txt", "s3://cli/y")
        head = json.loads(self.aws("s3api", "head-object", "--bucket", "cli", "--key", "y",
                                   "--output", "json"))
        self.assertEqual(head["ContentLength"], 5)
        self.assertIn("404", self.aws("s3api", "head-object", "--bucket", "cli", "--key", "none",
                                      fails=True))
        self.aws("s3", "rm", "--recursive", "s3://cli")
        self.aws("s3", "rb", "s3://cli")
        self.assertNotIn("cli", self.aws("s3", "ls"))


if __name__ == "__main__":
    unittest.main()
