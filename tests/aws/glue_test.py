"""Glue as boto3 uses it: the catalog, its partitions and crawlers, against `ticklake up`.

Every answer is held against botocore's model of the service, and so are requests made from the model,
valid and nearly valid."""

import json
import random
import string
import unittest
import urllib.error
import urllib.request

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials

from endpoint import Endpoint, REGION, code_of, wait_until
from service_model import ModelCheck, deviations

OPERATIONS = """
CreateDatabase GetDatabase GetDatabases UpdateDatabase DeleteDatabase CreateTable GetTable GetTables UpdateTable
DeleteTable BatchDeleteTable GetTableVersions GetTableVersion DeleteTableVersion BatchDeleteTableVersion
GetPartitionIndexes CreatePartition BatchCreatePartition GetPartition BatchGetPartition GetPartitions
UpdatePartition BatchUpdatePartition DeletePartition BatchDeletePartition CreateCrawler UpdateCrawler
DeleteCrawler StartCrawler StopCrawler GetCrawler GetCrawlers BatchGetCrawlers ListCrawlers GetCrawlerMetrics
ListCrawls""".split()

EXTERNAL_TABLE = {
    "Name": "quotes", "TableType": "EXTERNAL_TABLE", "PartitionKeys": [{"Name": "dt", "Type": "string"}],
    "Parameters": {"classification": "json"},
    "StorageDescriptor": {
        "Columns": [{"Name": "symbol", "Type": "string"}, {"Name": "price", "Type": "decimal(10,2)"}],
        "Location": "s3://market/quotes/", "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe", "Parameters": {"paths": "a"}}}}


class GlueCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.endpoint = Endpoint()
        cls.endpoint.__enter__()
        cls.addClassCleanup(cls.endpoint.__exit__, None, None, None)
        cls.endpoint.use()
        # Not boto3's default session, which keeps the keys of the endpoint before.
        cls.session = boto3.session.Session()
        cls.glue = cls.session.client("glue")
        cls.check = ModelCheck(cls.glue)

    @classmethod
    def tearDownClass(cls):
        assert not cls.check.found, sorted(set(cls.check.found))


class CatalogTest(GlueCase):
    def setUp(self):
        self.glue.create_database(DatabaseInput={"Name": "mkt", "Description": "quotes", "Parameters": {"a": "b"}})
        self.addCleanup(self.glue.delete_database, Name="mkt")

    def partition(self, *values):
        return {"Values": list(values), "StorageDescriptor": {"Location": f"s3://market/quotes/dt={values[0]}/"}}

    def test_a_database_is_found_changed_and_deleted(self):
        found = self.glue.get_database(Name="mkt")["Database"]
        self.assertEqual((found["Description"], found["Parameters"], found["CatalogId"]),
                         ("quotes", {"a": "b"}, "000000000000"))
        self.assertEqual(code_of(self.glue.create_database, DatabaseInput={"Name": "MKT"}), "AlreadyExistsException")
        self.glue.update_database(Name="mkt", DatabaseInput={"Name": "mkt", "Description": "other"})
        names = [d["Name"] for p in self.glue.get_paginator("get_databases").paginate(
            PaginationConfig={"PageSize": 1}) for d in p["DatabaseList"]]
        self.assertEqual(names, sorted(names))
        self.assertIn("mkt", names)
        self.assertIn("ticklake", names)
        self.assertEqual(code_of(self.glue.get_database, Name="none"), "EntityNotFoundException")

    def test_a_table_comes_back_as_it_was_given(self):
        self.glue.create_table(DatabaseName="mkt", TableInput=EXTERNAL_TABLE)
        table = self.glue.get_table(DatabaseName="mkt", Name="quotes")["Table"]
        self.assertEqual(table["PartitionKeys"], EXTERNAL_TABLE["PartitionKeys"])
        storage = table["StorageDescriptor"]
        for name, value in EXTERNAL_TABLE["StorageDescriptor"].items():
            self.assertEqual(storage[name], value)
        self.assertEqual(code_of(self.glue.create_table, DatabaseName="mkt", TableInput=EXTERNAL_TABLE),
                         "AlreadyExistsException")
        self.assertEqual(code_of(self.glue.get_table, DatabaseName="mkt", Name="none"), "EntityNotFoundException")

    def test_an_update_from_an_old_version_is_refused(self):
        self.glue.create_table(DatabaseName="mkt", TableInput=EXTERNAL_TABLE)
        self.glue.update_table(DatabaseName="mkt", TableInput=EXTERNAL_TABLE, VersionId="0")
        self.assertEqual(code_of(self.glue.update_table, DatabaseName="mkt", TableInput=EXTERNAL_TABLE, VersionId="0"),
                         "ConcurrentModificationException")
        versions = self.glue.get_table_versions(DatabaseName="mkt", TableName="quotes")["TableVersions"]
        self.assertEqual([v["VersionId"] for v in versions], ["1", "0"])

    def test_partitions_in_batches_and_by_expression(self):
        self.glue.create_table(DatabaseName="mkt", TableInput=EXTERNAL_TABLE)
        where = {"DatabaseName": "mkt", "TableName": "quotes"}
        days = [f"2026-01-{day:02}" for day in range(1, 31)]
        answer = self.glue.batch_create_partition(**where, PartitionInputList=[self.partition(d) for d in days])
        self.assertFalse(answer.get("Errors"))
        again = self.glue.batch_create_partition(**where, PartitionInputList=[self.partition(days[0])])
        self.assertEqual(again["Errors"][0]["ErrorDetail"]["ErrorCode"], "AlreadyExistsException")
        pages = self.glue.get_paginator("get_partitions").paginate(
            **where, Expression="dt > '2026-01-10' AND dt IN ('2026-01-05', '2026-01-11') or dt like '%-30'",
            PaginationConfig={"PageSize": 1})
        self.assertEqual([p["Values"] for page in pages for p in page["Partitions"]], [["2026-01-11"], ["2026-01-30"]])
        seen = []
        for segment in range(3):
            for page in self.glue.get_paginator("get_partitions").paginate(
                    **where, Segment={"SegmentNumber": segment, "TotalSegments": 3}, ExcludeColumnSchema=True):
                seen += [p["Values"][0] for p in page["Partitions"]]
        self.assertEqual(sorted(seen), days)
        found = self.glue.batch_get_partition(**where, PartitionsToGet=[{"Values": [days[0]]}, {"Values": ["none"]}])
        self.assertEqual([p["Values"] for p in found["Partitions"]], [[days[0]]])
        gone = [{"Values": [days[0]]}, {"Values": ["x"]}]
        deleted = self.glue.batch_delete_partition(**where, PartitionsToDelete=gone)
        self.assertEqual(deleted["Errors"][0]["PartitionValues"], ["x"])
        self.assertEqual(code_of(self.glue.get_partition, **where, PartitionValues=[days[0]]),
                         "EntityNotFoundException")
        self.assertEqual(code_of(self.glue.get_partitions, **where, Expression="price > 1"), "InvalidInputException")


class CrawlerTest(GlueCase):
    def wait(self, name):
        def ready():
            crawler = self.glue.get_crawler(Name=name)["Crawler"]
            return crawler if crawler["State"] == "READY" else None
        return wait_until(ready, f"{name} is READY")

    def test_a_crawler_makes_the_table_of_the_tutorials_objects(self):
        s3 = self.session.client("s3")
        s3.create_bucket(Bucket="stock-market")
        for i in range(25):
            s3.put_object(Bucket="stock-market", Key=f"stock_market_{i}.json",
                          Body=json.dumps({"Index": "HSI", "Date": "1986-12-31", "Open": 2568.300049, "Volume": i}))
        self.glue.create_database(DatabaseInput={"Name": "stocks"})
        self.glue.create_crawler(Name="stock_crawler", Role="AWSGlueServiceRole-stocks", DatabaseName="stocks",
                                 Targets={"S3Targets": [{"Path": "s3://stock-market"}]})
        self.glue.start_crawler(Name="stock_crawler")
        crawler = self.wait("stock_crawler")
        self.assertEqual(crawler["LastCrawl"]["Status"], "SUCCEEDED", crawler["LastCrawl"])
        table = self.glue.get_table(DatabaseName="stocks", Name="stock_market")["Table"]
        self.assertEqual({c["Name"]: c["Type"] for c in table["StorageDescriptor"]["Columns"]},
                         {"index": "string", "date": "string", "open": "double", "volume": "int"})
        self.assertEqual(table["StorageDescriptor"]["Location"], "s3://stock-market/")
        self.assertEqual(self.glue.list_crawls(CrawlerName="stock_crawler")["Crawls"][0]["State"], "COMPLETED")
        metrics = self.glue.get_crawler_metrics(CrawlerNameList=["stock_crawler"])["CrawlerMetricsList"]
        self.assertEqual(metrics[0]["TablesCreated"], 1)
        self.assertIn("stock_crawler", self.glue.list_crawlers()["CrawlerNames"])
        self.assertEqual(self.glue.batch_get_crawlers(CrawlerNames=["stock_crawler", "x"])["CrawlersNotFound"], ["x"])
        self.assertEqual(code_of(self.glue.stop_crawler, Name="stock_crawler"), "CrawlerNotRunningException")
        self.assertEqual(code_of(self.glue.start_crawler, Name="none"), "EntityNotFoundException")
        self.glue.update_crawler(Name="stock_crawler", TablePrefix="p_")
        self.glue.delete_crawler(Name="stock_crawler")


class Maker:
    """Values as a shape wants them, and values that are nearly so."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def text(self, shape):
        if getattr(shape, "enum", None):
            return self.random.choice(shape.enum)
        low = shape.metadata.get("min", 0)
        return "".join(self.random.choices(string.ascii_lowercase, k=max(low, self.random.randint(1, 6))))

    def valid(self, shape, depth=0):
        kind = shape.type_name
        if kind == "structure":
            chosen = [n for n in shape.members if n in shape.required_members or
                      (depth < 5 and self.random.random() < 0.4)]
            return {n: self.valid(shape.members[n], depth + 1) for n in chosen}
        if kind == "list":
            low = shape.metadata.get("min", 0)
            return [self.valid(shape.member, depth + 1) for _ in range(max(low, self.random.randint(0, 2)))]
        if kind == "map":
            return {self.text(shape.key): self.valid(shape.value, depth + 1) for _ in range(self.random.randint(0, 2))}
        if kind in ("integer", "long"):
            return self.random.randint(shape.metadata.get("min", 0), min(shape.metadata.get("max", 1000), 1000))
        if kind in ("double", "float", "timestamp"):
            return self.random.random() * 1e6
        return self.random.random() < 0.5 if kind == "boolean" else self.text(shape)

    def broken(self, shape):
        """Of a valid request: one member of the wrong type, absent, or too long."""
        request = self.valid(shape)
        where = request
        while isinstance(where, (dict, list)) and where:
            key = self.random.choice(list(where) if isinstance(where, dict) else range(len(where)))
            if isinstance(where[key], (dict, list)) and where[key] and self.random.random() < 0.6:
                where = where[key]
                continue
            way = self.random.randrange(3)
            if way == 0 and isinstance(where, dict):
                del where[key]
            elif way == 1:
                where[key] = self.random.choice([None, 7, "x", True, [], {}, -1, 1e300, ["x"], {"x": 1}])
            else:
                where[key] = "x" * self.random.choice([0, 256, 3000])
            break
        return request


class ModelTest(GlueCase):
    def send(self, operation, body):
        request = botocore.awsrequest.AWSRequest(
            "POST", self.endpoint.url, data=json.dumps(body).encode(),
            headers={"X-Amz-Target": f"AWSGlue.{operation}", "Content-Type": "application/x-amz-json-1.1"})
        key = botocore.credentials.Credentials(self.endpoint.key, self.endpoint.secret)
        botocore.auth.SigV4Auth(key, "glue", REGION).add_auth(request)
        prepared = request.prepare()
        raw = urllib.request.Request(prepared.url, prepared.body, dict(prepared.headers), method="POST")
        try:
            with urllib.request.urlopen(raw) as answer:
                return answer.status, json.loads(answer.read() or b"{}"), None
        except urllib.error.HTTPError as refused:
            body = json.loads(refused.read())
            code = refused.headers.get("x-amzn-errortype") or body["__type"]
            return refused.code, body, code.split("#")[-1].split(":")[0]

    def look(self, operation, body):
        model = self.glue.meta.service_model.operation_model(operation)
        status, answer, code = self.send(operation, body)
        if status == 200:
            shape = model.output_shape
            return list(deviations(shape, answer, operation)) if shape else []
        names = {e.metadata.get("error", {}).get("code", e.name) for e in model.error_shapes}
        known = status == 400 and code in names | ModelCheck.COMMON
        return [] if known else [f"{operation}: {status} {code}: {answer} for {json.dumps(body)}"]

    def test_valid_and_nearly_valid_requests_are_answered_as_the_model_says(self):
        maker = Maker(13)
        found = []
        for operation in OPERATIONS:
            shape = self.glue.meta.service_model.operation_model(operation).input_shape
            for _ in range(15):
                found += self.look(operation, maker.valid(shape))
                found += self.look(operation, maker.broken(shape))
        self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main()
