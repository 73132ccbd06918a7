"""ticklake, versitygw and Ceph's radosgw as S3 servers that are measured in the same way, each with its
data on the same disk."""

import os
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from ceph import Ceph
from endpoint import settings
from peers import Node
from pipeline import Pipeline, free_port, wait_until

VERSITYGW = "build/deps/versitygw/versitygw"
ACCESS_KEY, SECRET_KEY = "benchbenchbenchbench", "benchbenchbenchbenchbenchbench"


def data_folder():
    """Where the servers' folders are made. ext4 gives the number of a removed file to no other for some
    minutes, and searches past all of them: so each server begins in a part of the disk of its own
    (chattr +T), rather than where the data of the one before was just removed."""
    folder = Path("build/bench/data")
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["chattr", "+T", folder], capture_output=True, check=False)  # others do not need it
    return folder


class S3Node(Node):
    """`address`, `access_key`, `secret_key`; `folder`: where its buckets are folders, if they are."""

    folder = None

    def environment(self):
        return {**os.environ, "AWS_ACCESS_KEY_ID": self.access_key,
                "AWS_SECRET_ACCESS_KEY": self.secret_key}

    def _answers(self):
        try:
            urllib.request.urlopen(f"http://{self.address}/", timeout=5).close()
        except urllib.error.HTTPError:
            return True  # who has no key is refused
        except OSError:
            return False  # not listening yet
        return True


class TicklakeS3(S3Node):
    """`ticklake up` without a feed, in a data folder that goes with it. `prefix`: what its command line
    begins with."""

    def __init__(self, name="ticklake", prefix=(), data=None):
        self.name = name
        self.prefix = prefix
        self.data = data

    def __enter__(self):
        data = self.data or tempfile.mkdtemp(prefix="ticklake-bench-", dir=data_folder())
        self.pipeline = Pipeline("--feed", "none", data=data, prefix=self.prefix)
        self.pipeline.start()
        said = settings(self.pipeline.data)
        self.address = self.pipeline.aws_listen
        self.access_key = said["AWS_ACCESS_KEY_ID"]
        self.secret_key = said["AWS_SECRET_ACCESS_KEY"]
        self.settings = said
        self.wait_for_answer()
        return self

    def __exit__(self, *_):
        self.pipeline.stop()
        self.pipeline.__exit__(None)

    @property
    def pid(self):
        return self.pipeline.process.pid


class Versitygw(S3Node):
    """versitygw with its POSIX store: an object is a file, what is known of it stands in that file's
    extended attributes. It syncs nothing."""

    name = "versitygw"

    def __enter__(self):
        self.store = tempfile.TemporaryDirectory(prefix="ticklake-bench-", dir=data_folder())
        self.folder = str(Path(self.store.name).resolve())
        self.address = f"127.0.0.1:{free_port()}"
        self.access_key, self.secret_key = ACCESS_KEY, SECRET_KEY
        self.process = subprocess.Popen(
            [VERSITYGW, "--quiet", "--keep-alive", "--port", self.address, "posix", self.folder],
            env={**os.environ, "ROOT_ACCESS_KEY": ACCESS_KEY, "ROOT_SECRET_KEY": SECRET_KEY},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.pid = self.process.pid
        self.wait_for_answer()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(60)
        self.store.cleanup()


class Radosgw(S3Node):
    """Ceph's radosgw with one OSD, which writes around the page cache and syncs before it answers."""

    name = "radosgw"

    def __enter__(self):
        self.ceph = Ceph(ACCESS_KEY, SECRET_KEY, data_folder())
        self.access_key, self.secret_key = ACCESS_KEY, SECRET_KEY
        self.ceph.__enter__()
        self.address = self.ceph.address
        wait_until(self._answers, "radosgw answers", 120)
        return self

    def __exit__(self, *_):
        self.ceph.__exit__()

    def cpu_seconds(self):
        return self.ceph.cpu_seconds()
