"""Round trips of a trivial query through Athena. usage: athena_client.py COUNT

The endpoint and keys are in the environment. Prints one JSON object: for boto3, and for requests that
botocore signs and that go out by http.client, the quantiles in ms and how many calls one took.
"""

import http.client
import json
import statistics
import sys
import time
import urllib.parse

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest


class Plain:
    """The three calls without boto3's own work."""

    def __init__(self, session):
        self.url = session.client("athena").meta.endpoint_url
        self.signer = SigV4Auth(session.get_credentials(), "athena", "us-east-1")
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.url).netloc)

    def call(self, name, **arguments):
        request = AWSRequest("POST", self.url + "/", data=json.dumps(arguments), headers={
            "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"AmazonAthena.{name}"})
        self.signer.add_auth(request)
        self.connection.request("POST", "/", request.data, dict(request.headers))
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"error: {name}: {body.decode()}")
        return json.loads(body)

    def start_query_execution(self, **arguments):
        return self.call("StartQueryExecution", **arguments)

    def get_query_execution(self, **arguments):
        return self.call("GetQueryExecution", **arguments)

    def get_query_results(self, **arguments):
        return self.call("GetQueryResults", **arguments)


def round_trip(athena):
    """How many calls it took."""
    execution = athena.start_query_execution(QueryString="SELECT 1")["QueryExecutionId"]
    calls = 2
    while True:
        calls += 1
        status = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]
        if status["State"] == "SUCCEEDED":
            break
        if status["State"] not in ("QUEUED", "RUNNING"):
            raise SystemExit(f"error: the query: {status}")
    rows = athena.get_query_results(QueryExecutionId=execution)["ResultSet"]["Rows"]
    if rows[-1]["Data"][0]["VarCharValue"] != "1":
        raise SystemExit(f"error: the result is {rows}")
    return calls


def measure(athena, count):
    for _ in range(10):
        round_trip(athena)
    took, calls = [], 0
    for _ in range(count):
        began = time.monotonic()
        calls += round_trip(athena)
        took.append((time.monotonic() - began) * 1000)
    quantiles = statistics.quantiles(took, n=100)
    return {"p50": quantiles[49], "p99": quantiles[98], "calls": calls / count}


def main():
    session = boto3.session.Session()
    count = int(sys.argv[1])
    print(json.dumps({"boto3": measure(session.client("athena"), count),
                      "plain": measure(Plain(session), count)}))


if __name__ == "__main__":
    main()
