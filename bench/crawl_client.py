"""Objects to be crawled, the crawler that does it, and pyarrow.dataset as its peer.

usage: crawl_client.py make FOLDER COUNT      buckets `json` and `parquet`, of COUNT small objects each
       crawl_client.py crawl BUCKET NUMBER    by a new crawler with that number, into a database of its own
       crawl_client.py inspect FOLDER FORMAT  the schema of all files
The endpoint and keys are in the environment. The last two print one JSON object: seconds.
"""

import json
import pathlib
import sys
import time

DAYS = 10  # folders, as partitions are
ROWS = 10  # in each object


def rows_of(number):
    return [{"symbol": f"S{(number + i) % 500}", "price": 100 + i / 4, "size": number + i,
             "event_time": "2026-01-02T03:04:05Z", "is_buy": i % 2 == 0} for i in range(ROWS)]


def make(folder, count):
    import pyarrow
    import pyarrow.parquet
    for number in range(count):
        for kind in ("json", "parquet"):
            day = pathlib.Path(folder, kind, f"trades/dt=2026-01-{number % DAYS + 1:02}")
            day.mkdir(parents=True, exist_ok=True)
            path = day / f"{number:06}.{kind}"
            if kind == "json":
                path.write_text("".join(json.dumps(row) + "\n" for row in rows_of(number)))
            else:
                pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows_of(number)), path)


def crawl(bucket, number):
    import boto3
    glue = boto3.session.Session().client("glue")
    name = f"{bucket}{number}"
    glue.create_database(DatabaseInput={"Name": name})
    glue.create_crawler(Name=name, Role="AWSGlueServiceRole-bench", DatabaseName=name,
                        Targets={"S3Targets": [{"Path": f"s3://{bucket}/trades/"}]})
    began = time.monotonic()
    glue.start_crawler(Name=name)
    while True:
        crawler = glue.get_crawler(Name=name)["Crawler"]
        if crawler["State"] == "READY" and "LastCrawl" in crawler:
            break
        time.sleep(0.005)  # between two looks
    seconds = time.monotonic() - began
    tables = glue.get_tables(DatabaseName=name)["TableList"]
    if crawler["LastCrawl"]["Status"] != "SUCCEEDED" or len(tables) != 1:
        raise SystemExit(f"error: the crawl: {crawler['LastCrawl']}, {len(tables)} tables")
    return seconds


def inspect(folder, kind):
    import pyarrow.dataset
    import pyarrow.fs
    began = time.monotonic()
    factory = pyarrow.dataset.FileSystemDatasetFactory(
        pyarrow.fs.LocalFileSystem(), pyarrow.fs.FileSelector(folder, recursive=True),
        pyarrow.dataset.JsonFileFormat() if kind == "json" else pyarrow.dataset.ParquetFileFormat(),
        pyarrow.dataset.FileSystemFactoryOptions(partitioning=pyarrow.dataset.HivePartitioning.discover()))
    factory.inspect()  # all of them
    return time.monotonic() - began


def main():
    what, *arguments = sys.argv[1:]
    if what == "make":
        return make(arguments[0], int(arguments[1]))
    print(json.dumps({"seconds": {"crawl": crawl, "inspect": inspect}[what](*arguments)}))


if __name__ == "__main__":
    main()
