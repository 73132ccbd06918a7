"""The endpoint for AWS clients, as the binary serves it, on a port and a data folder of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "pipeline"))
from pipeline import Pipeline, free_port, run, wait_until  # noqa: E402,F401

REGION = "us-east-1"


def settings(data, *flags):
    """What `ticklake env` prints, as a dictionary."""
    return json.loads(run("env", "--data", data, "--format", "json", *flags).stdout)


def code_of(call, *arguments, **named):
    """The error code that a call of boto3 is refused with."""
    from botocore.exceptions import ClientError
    try:
        call(*arguments, **named)
    except ClientError as refused:
        return refused.response["Error"]["Code"]
    raise AssertionError("the call was not refused")


class S3Alone:
    """S3 without the rest (s3_server.cc), where a test is about nothing else."""

    def __init__(self, server):
        self.server = server
        self.data = tempfile.mkdtemp(prefix="ticklake-s3-")
        self.address = f"127.0.0.1:{free_port()}"
        self.process = None

    def start(self):
        self.process = subprocess.Popen([self.server, self.data, self.address],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the server ended with {self.process.wait()}")
        said = json.loads(line)
        self.url, self.key, self.secret = said["endpoint"], said["key"], said["secret"]
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(30)
            self.process.stdout.close()
        shutil.rmtree(self.data, ignore_errors=True)


class WholeProgram:
    """`ticklake up`, whose keys `ticklake env` tells."""

    def __init__(self):
        self.address = f"127.0.0.1:{free_port()}"
        self.pipeline = Pipeline("--feed", "none", "--aws-listen", self.address)
        self.data = self.pipeline.data

    def start(self):
        self.pipeline.start()
        said = settings(self.data)
        self.url, self.key, self.secret = (said["AWS_ENDPOINT_URL"], said["AWS_ACCESS_KEY_ID"],
                                           said["AWS_SECRET_ACCESS_KEY"])
        return self

    def kill(self):
        self.pipeline.kill()

    def close(self):
        self.pipeline.__exit__(None)


class Endpoint:
    """One of both: with S3_SERVER in the environment S3 alone."""

    def __init__(self):
        alone = os.environ.get("S3_SERVER")
        self.served = S3Alone(alone) if alone else WholeProgram()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.served.close()

    def start(self):
        self.served.start()
        return self

    def kill(self):
        self.served.kill()

    @property
    def url(self):
        return self.served.url

    @property
    def address(self):
        return self.served.address

    @property
    def key(self):
        return self.served.key

    @property
    def secret(self):
        return self.served.secret

    @property
    def data(self):
        return self.served.data

    def environment(self):
        """What a user's shell has after `eval "$(ticklake env)"`, and nothing of another account."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {**kept, "AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": self.key,
                "AWS_SECRET_ACCESS_KEY": self.secret, "AWS_DEFAULT_REGION": REGION,
                "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                "AWS_EC2_METADATA_DISABLED": "true"}

    def use(self):
        """Makes it the environment of this process."""
        for name in list(os.environ):
            if name.startswith("AWS_"):
                del os.environ[name]
        os.environ.update(self.environment())
        return self
