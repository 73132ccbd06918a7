"""Makes aws-signatures.jsonl: requests signed by botocore, to hold our signatures against.

usage: python3 -m venv v && v/bin/pip install boto3==1.44.8 && v/bin/python make_aws_signatures.py
Keys, names and bodies are made up here; nothing is sent anywhere.
"""

import datetime
import hashlib
import json
from pathlib import Path
from unittest import mock
from urllib.parse import urlsplit

import boto3
import botocore
from botocore.auth import HmacV1QueryAuth, S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

NOW = datetime.datetime(2026, 11, 29, 14, 30, 0, tzinfo=datetime.timezone.utc)
LONG = Credentials("AKIAMADEUPFORTESTS00", "made/up+for+tests+only+and+no+secret+at+all")
TEMPORARY = Credentials("ASIAMADEUPFORTESTS00", "another/made+up+one", "a/token+with=signs==")
ENDPOINT = "http://127.0.0.1:8090"


def case(name, kind, method, url, headers, credentials, body=b"", bucket_of_host=""):
    parts = urlsplit(url)
    target = parts.path + ("?" + parts.query if parts.query else "")
    fields = [[k, v if isinstance(v, str) else v.decode()] for k, v in headers]
    if not any(k.lower() == "host" for k, _ in fields):
        fields.append(["Host", parts.netloc])
    return {
        "name": name, "kind": kind, "method": method, "target": target, "headers": fields,
        "access_key_id": credentials.access_key, "secret": credentials.secret_key,
        "token": credentials.token or "", "now": int(NOW.timestamp()),
        "body_sha256": hashlib.sha256(body).hexdigest(), "bucket_of_host": bucket_of_host,
    }


def signed(name, signer, credentials, region, service, method, url, headers=None, body=b""):
    request = AWSRequest(method=method, url=url, headers=headers or {}, data=body)
    signer(credentials, service, region).add_auth(request)
    return case(name, "v4", method, request.prepare().url, request.headers.items(), credentials, body)


def header_cases():
    for who, credentials in (("long-term", LONG), ("temporary", TEMPORARY)):
        for region in ("us-east-1", "eu-west-3"):
            def s3(name, method, path, **more):
                return signed(f"s3 {name} {who} {region}", S3SigV4Auth, credentials, region, "s3",
                              method, ENDPOINT + path, **more)
            yield s3("list buckets", "GET", "/")
            yield s3("list", "GET", "/b?list-type=2&prefix=dt%3D2026-01-01%2F&delimiter=%2F"
                     "&encoding-type=url&continuation-token=a%2Bb%3D%3D")
            yield s3("get partition", "GET", "/b/trades/dt%3D2026-01-01/a%20b%2Bc.parquet",
                     headers={"Range": "bytes=0-99", "If-Match": '"abc"'})
            yield s3("dots stay", "GET", "/b/a/../b//c/./d")
            yield s3("not ASCII", "GET", "/b/%E2%82%AC/%C3%A9~x_-.txt")
            yield s3("put", "PUT", "/b/key", headers={
                "Content-Type": "text/plain", "x-amz-meta-note": "  two   blanks  ",
                "x-amz-checksum-crc32": "AAAAAA=="}, body=b"hello")
            yield s3("delete", "POST", "/b?delete", body=b"<Delete/>")
            yield s3("part", "PUT", "/b/key?uploadId=x%2Fy&partNumber=2", body=b"part")

            def other(name, service, headers, body):
                return signed(f"{name} {who} {region}", SigV4Auth, credentials, region, service,
                              "POST", ENDPOINT + "/", headers=headers, body=body)
            yield other("glue", "glue", {"X-Amz-Target": "AWSGlue.GetTables",
                                         "Content-Type": "application/x-amz-json-1.1"},
                        b'{"DatabaseName": "default"}')
            yield other("athena", "athena", {"X-Amz-Target": "AmazonAthena.ListWorkGroups",
                                             "Content-Type": "application/x-amz-json-1.1"}, b"{}")
            yield other("sts", "sts",
                        {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
                        b"Action=GetCallerIdentity&Version=2011-06-15")
            yield signed(f"normalised {who} {region}", SigV4Auth, credentials, region, "execute-api",
                         "GET", ENDPOINT + "/a/../b%20c//d/./e/?x=1&y=&a=%2F")


def presigned(name, credentials, version, style, region, method, **params):
    client = boto3.client(
        "s3", endpoint_url=ENDPOINT if style == "path" else "http://s3.test:8090",
        region_name=region, aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key, aws_session_token=credentials.token,
        config=Config(signature_version=version, s3={"addressing_style": style}))
    url = client.generate_presigned_url(method, Params=params, ExpiresIn=3600)
    verb = {"get_object": "GET", "put_object": "PUT", "head_object": "HEAD",
            "list_objects_v2": "GET", "upload_part": "PUT", "delete_object": "DELETE"}[method]
    is_v2 = "AWSAccessKeyId" in url
    kind = "v2" if is_v2 else "v4-query"
    bucket = params["Bucket"] if style == "virtual" else ""
    # With V2 these are in the query.
    headers = [("Content-Type", params["ContentType"]), ("x-amz-meta-note", "x")] \
        if "ContentType" in params and not is_v2 else []
    return case(f"{name} {kind} {style} {region}", kind, verb, url, headers, credentials,
                bucket_of_host=bucket)


def query_cases():
    for version, region in ((None, "us-east-1"), ("s3v4", "us-east-1"), (None, "eu-central-1")):
        for style in ("path", "virtual"):
            for who, credentials in (("long-term", LONG), ("temporary", TEMPORARY)):
                def make(name, method, **params):
                    return presigned(f"{name} {who}", credentials, version, style, region, method,
                                     Bucket="bucket", **params)
                yield make("get", "get_object", Key="dt=2026-01-01/a b+c.parquet")
                yield make("not ASCII", "get_object", Key="€/é.txt")
                yield make("response headers", "get_object", Key="k", VersionId="v1",
                           ResponseContentType="text/plain; charset=utf-8",
                           ResponseContentDisposition='attachment; filename="x y.csv"')
                yield make("put", "put_object", Key="k", ContentType="text/csv",
                           Metadata={"note": "x"})
                yield make("list", "list_objects_v2", Prefix="a/b", Delimiter="/", MaxKeys=5)
                yield make("part", "upload_part", Key="k", UploadId="u/1", PartNumber=3)
                yield make("head", "head_object", Key="a//b/../c")
                yield make("delete", "delete_object", Key="k")
    # What the SDK for JavaScript adds is in the query before it is signed.
    request = AWSRequest("GET", ENDPOINT + "/b/k?x-id=GetObject&x-amz-checksum-mode=ENABLED"
                         "&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD")
    S3SigV4QueryAuth(TEMPORARY, "s3", "eu-west-3", expires=604800).add_auth(request)
    yield case("JavaScript's parameters", "v4-query", "GET", request.url, [], TEMPORARY)


def main():
    naive = NOW.replace(tzinfo=None)
    with mock.patch("botocore.auth.get_current_datetime", lambda *a, **k: naive), \
            mock.patch("botocore.auth.time.time", NOW.timestamp):
        cases = list(header_cases()) + list(query_cases())
    out = Path(__file__).with_name("aws-signatures.jsonl")
    out.write_text("".join(json.dumps(c, separators=(",", ":")) + "\n" for c in cases))
    print(f"{len(cases)} cases of botocore {botocore.__version__}")


if __name__ == "__main__":
    main()
