"""A running `ticklake up` for AWS clients: its endpoint, and the settings that `ticklake env` gives."""

import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "pipeline"))
from pipeline import BINARY, Pipeline, free_port, run, wait_until  # noqa: E402, F401
from endpoint import code_of, settings  # noqa: E402, F401

# Nobody's own keys, profiles or proxies count in a test.
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
for name in list(os.environ):
    if name.startswith("AWS_") and name.removeprefix("AWS_") in (
            "PROFILE", "SESSION_TOKEN", "ENDPOINT_URL", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "REGION"):
        del os.environ[name]


def make_key(data, *arguments):
    """A key of its own, as the settings of its holder."""
    return json.loads(run("key", "create", "--data", data, "--format", "json", *arguments).stdout)


def client(service, given, **options):
    """A boto3 client as a script makes one whose environment has these settings."""
    import boto3
    return boto3.client(service, endpoint_url=given["AWS_ENDPOINT_URL"],
                        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
                        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
                        region_name=given["AWS_DEFAULT_REGION"], **options)
