"""One thing that a script of AWS's users does, on the endpoint of the environment.
usage: aws_step.py bucket BUCKET | put BUCKET KEY TEXT | crawler NAME DATABASE PATH |
query SQL DATABASE"""

import sys
import time

import boto3


def bucket(name):
    boto3.client("s3").create_bucket(Bucket=name)


def put(into, key, text):
    boto3.client("s3").put_object(Bucket=into, Key=key, Body=text.encode(), ContentType="text/html")


def crawler(name, database, path):
    glue = boto3.client("glue")
    glue.create_database(DatabaseInput={"Name": database})
    glue.create_crawler(Name=name, Role="arn:aws:iam::000000000000:role/glue", DatabaseName=database,
                        Targets={"S3Targets": [{"Path": path}]})


def query(sql, database):
    """Prints what Athena says that it scanned."""
    athena = boto3.client("athena")
    started = athena.start_query_execution(
        QueryString=sql, QueryExecutionContext={"Database": database})["QueryExecutionId"]
    while True:
        execution = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]
        if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
            break
        time.sleep(0.05)
    print(execution["Statistics"].get("DataScannedInBytes", 0))


if __name__ == "__main__":
    {"bucket": bucket, "put": put, "crawler": crawler, "query": query}[sys.argv[1]](*sys.argv[2:])
