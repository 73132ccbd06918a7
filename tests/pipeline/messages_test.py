"""Messages as senders send them: marks, tombstones, arrays, Avro, Protobuf and JSON Schema."""

import datetime
import decimal
import io
import json
import os
import subprocess
import tempfile
import unittest

import avro.io
import avro.schema
from confluent_kafka import Producer
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from pipeline import Pipeline, free_port, run, wait_until
from schema_registry import Registry, registered

DEADLINE_S = 120
TRADE = json.dumps({
    "type": "record", "name": "Trade", "namespace": "market", "fields": [
        {"name": "symbol", "type": "string"},
        {"name": "size", "type": "long"},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 38,
                                   "scale": 10}},
        {"name": "traded", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "side", "type": {"type": "enum", "name": "Side", "symbols": ["BUY", "SELL"]}},
        {"name": "venue", "type": ["null", "string"]},
        {"name": "tags", "type": {"type": "map", "values": "int"}},
        {"name": "raw", "type": "bytes"},
    ]})


def avro_bytes(schema, value):
    """As Apache's own library writes it."""
    out = io.BytesIO()
    avro.io.DatumWriter(avro.schema.parse(schema)).write(value, avro.io.BinaryEncoder(out))
    return out.getvalue()


def trade(number):
    return {"symbol": "AAPL", "size": 9_007_199_254_740_993 + number,
            "price": decimal.Decimal("190.1234567890"),
            "traded": datetime.datetime(2026, 11, 24, 12, 30, 0, 123456, datetime.timezone.utc),
            "day": datetime.date(2026, 11, 24), "side": "SELL", "venue": None,
            "tags": {"n": number}, "raw": b"\xff\x01"}


def send(kafka, topic, values, partitions=None):
    """Each value as a record; None is a tombstone."""
    producer = Producer({"bootstrap.servers": kafka, "acks": "all", "linger.ms": 5})
    failures = []
    for value in values:
        producer.produce(topic, value=value, key=b"k" if value is None else None,
                         on_delivery=lambda error, _: failures.append(error) if error else None)
        producer.poll(0)
    assert producer.flush(DEADLINE_S) == 0
    assert not failures, failures


def letters(pipeline, topic, count):
    """Reasons of dead letters, by offset in their topic; none while there are fewer."""
    read = subprocess.run(["kcat", "-b", pipeline.kafka, "-C", "-t", f"{topic}.dead-letter", "-e",
                           "-q", "-f", "%h\n"], capture_output=True, text=True, timeout=60,
                          check=False)
    lines = read.stdout.splitlines()
    return lines if read.returncode == 0 and len(lines) >= count else None


def rows_are(pipeline, sql, expected):
    def look():
        try:
            return pipeline.query(sql) == expected
        except AssertionError:
            return False
    try:
        wait_until(look, f"{sql} gives {expected}", DEADLINE_S)
    except AssertionError:
        raise AssertionError(f"{sql}: {pipeline.query(sql)}, not {expected}; "
                             f"{pipeline.status()['problems']}") from None


class PlainMessages(unittest.TestCase):
    def test_a_mark_and_a_tombstone_are_no_error_and_all_else_says_its_kind(self):
        with Pipeline("--feed", "none", "--flush-age", "200ms") as pipeline:
            send(pipeline.kafka, "mixed", [
                b"\xef\xbb\xbf{\"a\":1}", None, b"", b"time,price\n1,2", b"<tick/>",
                b"\x1f\x8b\x08\x00", b"\x00\x00\x00\x00\x01x", b"[{\"a\":5}]", b"{\"a\":2}"])
            rows_are(pipeline, "SELECT a, _offset FROM mixed ORDER BY a", [[1, 0], [2, 8]])
            lines = wait_until(lambda: letters(pipeline, "mixed", 6), "six dead letters",
                               DEADLINE_S)
            self.assertEqual(len(lines), 6, lines)
            for kind in ("empty", "CSV", "XML", "gzip", "--schema-registry URL", "--explode"):
                self.assertTrue(any(kind in line for line in lines), (kind, lines))
            wait_until(lambda: pipeline.status()["sink"]["passed_over"] == 1, "one passed over",
                       DEADLINE_S)
            # Tombstones do not keep offsets from going on into files.
            wait_until(lambda: pipeline.status()["sink"]["partitions"][0]["durable_offset"] == 9,
                       "all is durable", DEADLINE_S)

    def test_two_topics_of_one_table_are_said(self):
        with Pipeline("--feed", "none") as pipeline:
            pipeline.produce("my.topic", ['{"a":1}'])
            pipeline.produce("my-topic", ['{"a":2}'])
            rows_are(pipeline, "SELECT a, _topic FROM my_topic ORDER BY a",
                     [[1, "my.topic"], [2, "my-topic"]])
            problem = wait_until(
                lambda: [p for p in pipeline.status()["problems"]
                         if p["where"] == "topics my-topic, my.topic"], "it is said", DEADLINE_S)
            self.assertIn("one table, my_topic", problem[0]["what"])


class Arrays(unittest.TestCase):
    def test_an_array_is_rows_after_kill_9_too_and_none_is_torn(self):
        values = [json.dumps([{"n": i, "text": "x"}, {"n": i + 0.5}, {"n": i, "more": [i]}])
                  for i in range(300)]
        with Pipeline("--feed", "none", "--explode", "--flush-rows", "100", "--flush-age",
                      "200ms") as pipeline:
            send(pipeline.kafka, "packed", [v.encode() for v in values[:150]])
            wait_until(lambda: pipeline.value_or("SELECT count(*) FROM packed", 0) > 0, "rows",
                       DEADLINE_S)
            pipeline.kill()
            pipeline.start()
            send(pipeline.kafka, "packed", [v.encode() for v in values[150:]] + [b"[]", b"[1]"])
            rows_are(pipeline, "SELECT count(*), count(DISTINCT _offset), sum(_array_index) "
                               "FROM packed", [[900, 300, 900]])
            rows_are(pipeline, "SELECT count(*) FROM (SELECT _offset FROM packed GROUP BY 1 "
                               "HAVING count(*) = 3 AND count(DISTINCT _array_index) = 3)", [[300]])
            wait_until(lambda: pipeline.status()["sink"]["dead_letters"] == 1, "[1] is none",
                       DEADLINE_S)
            self.assertEqual(pipeline.stop(), 0, pipeline.log()[-2000:])
            # Rows of one message have one offset, and are no duplicates for it.
            run("lake", "verify", "--deep", "--lake", f"{pipeline.data}/lake")


class Registered(unittest.TestCase):
    def test_avro_keeps_every_digit_and_instant(self):
        with Registry() as registry:
            registry.add(7, "AVRO", TRADE)
            with Pipeline("--feed", "none", "--schema-registry", registry.url) as pipeline:
                send(pipeline.kafka, "trades", [registered(7, avro_bytes(TRADE, trade(0))),
                                                registered(8, b"unknown")])
                rows_are(pipeline,
                         "SELECT symbol, size::VARCHAR, traded::VARCHAR, day::VARCHAR, side, venue, "
                         "tags, raw FROM trades",
                         [["AAPL", "9007199254740993", "2026-11-24 12:30:00.123456", "2026-11-24",
                           "SELL", None, '{"n":0}', "/wE="]])
                rows_are(pipeline, "SELECT abs(price - 190.1234567890) < 1e-9 FROM trades",
                         [[True]])
                lines = wait_until(lambda: letters(pipeline, "trades", 1), "a dead letter",
                                   DEADLINE_S)
                self.assertIn("id 8, is unknown", lines[0])

    def test_avro_refers_to_other_schemas(self):
        price = json.dumps({"type": "record", "name": "Price", "namespace": "m",
                            "fields": [{"name": "units", "type": "long"}]})
        quote = json.dumps({"type": "record", "name": "Quote", "fields": [
            {"name": "bid", "type": "m.Price"}]})
        whole = json.dumps({"type": "record", "name": "Quote", "fields": [
            {"name": "bid", "type": json.loads(price)}]})
        with Registry() as registry:
            registry.subjects[("m.Price", 3)] = {"schema": price}
            registry.add(1, "AVRO", quote, [("m.Price", "m.Price", 3)])
            with Pipeline("--feed", "none", "--schema-registry", registry.url) as pipeline:
                send(pipeline.kafka, "quotes",
                     [registered(1, avro_bytes(whole, {"bid": {"units": 5}}))])
                rows_are(pipeline, "SELECT bid FROM quotes", [['{"units":5}']])

    def test_protobuf_with_an_import_and_json_schema(self):
        with tempfile.TemporaryDirectory() as folder:
            types = self.compiled(folder)
        tick = types["Tick"](symbol="A", size=9_007_199_254_740_993, bid={"units": 7})
        tick.traded.FromJsonString("2026-11-24T12:30:00.000000001Z")
        with Registry() as registry:
            registry.subjects[("price", 1)] = {"schemaType": "PROTOBUF", "schema": self.PRICE}
            registry.add(1, "PROTOBUF", self.TICK, [("price.proto", "price", 1)])
            registry.add(2, "JSON", "{}")
            registry.wanted_authorization = "Basic secret"
            with tempfile.NamedTemporaryFile("w", suffix=".headers") as headers:
                headers.write("Authorization: Basic secret\n")
                headers.flush()
                with Pipeline("--feed", "none", "--schema-registry", registry.url,
                              "--schema-registry-header-file", headers.name) as pipeline:
                    send(pipeline.kafka, "ticks", [
                        registered(1, b"\x02\x02" + tick.SerializeToString()),
                        registered(2, b'{"symbol":"B","size":1}')])
                    rows_are(pipeline, "SELECT symbol, size::VARCHAR, bid, "
                                       "translate(traded::VARCHAR, 'TZ', ' ') FROM ticks "
                                       "ORDER BY 1",
                             [["A", "9007199254740993", '{"units":7}',
                               "2026-11-24 12:30:00.000000001"], ["B", "1", None, None]])

    PRICE = 'syntax = "proto3"; package m; message Price { int64 units = 1; }'
    TICK = ('syntax = "proto3"; import "price.proto"; import "google/protobuf/timestamp.proto"; '
            'message Other { int32 x = 1; } message Tick { string symbol = 1; int64 size = 2; '
            'm.Price bid = 3; google.protobuf.Timestamp traded = 4; }')

    def compiled(self, folder):
        """The message classes that protoc makes of the same files."""
        for name, text in (("price.proto", self.PRICE), ("tick.proto", self.TICK)):
            with open(os.path.join(folder, name), "w", encoding="ascii") as file:
                file.write(text)
        out = os.path.join(folder, "set")
        subprocess.run(["protoc", f"-I{folder}", "--include_imports", f"--descriptor_set_out={out}",
                        "tick.proto"], check=True, timeout=60)
        with open(out, "rb") as file:
            files = descriptor_pb2.FileDescriptorSet.FromString(file.read())
        return message_factory.GetMessages(files.file)

    def test_a_registry_that_is_down_stops_its_topic_alone_and_nothing_is_lost(self):
        with Registry() as registry:
            registry.add(1, "AVRO", TRADE)
            registry.stop()
            with Pipeline("--feed", "none", "--flush-age", "200ms", "--schema-registry",
                          registry.url) as pipeline:
                encoded = [registered(1, avro_bytes(TRADE, trade(i))) for i in range(200)]
                send(pipeline.kafka, "trades", [b'{"size":-1}', *encoded[:100]])
                pipeline.produce("plain", ['{"a":1}'])
                rows_are(pipeline, "SELECT a FROM plain", [[1]])
                problem = wait_until(lambda: [p for p in pipeline.status()["problems"]
                                              if p["where"] == "trades"], "it is said", DEADLINE_S)
                self.assertIn("schema registry", problem[0]["what"])
                # What stands before is in SQL all the while.
                rows_are(pipeline, "SELECT size FROM trades", [[-1]])
                pipeline.produce("plain", ['{"a":2}'])
                rows_are(pipeline, "SELECT count(*) FROM plain", [[2]])
                pipeline.kill()
                pipeline.start()
                send(pipeline.kafka, "trades", encoded[100:])
                registry.start()
                rows_are(pipeline, "SELECT count(*), count(DISTINCT size) FROM trades",
                         [[201, 201]])
                wait_until(lambda: not [p for p in pipeline.status()["problems"]
                                        if p["where"] == "trades"], "the problem goes", DEADLINE_S)
                self.assertEqual(pipeline.status()["sink"]["dead_letters"], 0)

    def test_kill_9_amid_avro_leaves_every_row_once(self):
        with Registry() as registry:
            registry.add(1, "AVRO", TRADE)
            encoded = [registered(1, avro_bytes(TRADE, trade(i))) for i in range(3000)]
            with Pipeline("--feed", "none", "--flush-rows", "200", "--schema-registry",
                          registry.url) as pipeline:
                for part in range(3):
                    send(pipeline.kafka, "trades", encoded[part * 1000:(part + 1) * 1000])
                    wait_until(lambda: pipeline.value_or("SELECT count(*) FROM trades", 0) >
                               part * 1000, "some rows", DEADLINE_S)
                    pipeline.kill()
                    pipeline.start()
                rows_are(pipeline, "SELECT count(*), count(DISTINCT size), min(_offset), "
                                   "max(_offset) FROM trades", [[3000, 3000, 0, 2999]])


class Sink(unittest.TestCase):
    """`ticklake sink` into a lake of its own."""

    def sink(self, pipeline, lake, topic, *flags):
        return run("sink", "--kafka", pipeline.kafka, "--topic", topic, "--lake", lake, "--group",
                   "other", "--until-end", *flags, check=False, timeout=DEADLINE_S)

    def test_it_takes_the_same_flags_and_says_what_it_passed_over(self):
        with Registry() as registry, tempfile.TemporaryDirectory() as lake, \
                Pipeline("--feed", "none") as pipeline:
            registry.add(1, "AVRO", TRADE)
            send(pipeline.kafka, "mixed", [registered(1, avro_bytes(TRADE, trade(1))), None,
                                           b'[{"size":1},{"size":2}]', b"[]"])
            done = self.sink(pipeline, lake, "mixed", "--explode", "--schema-registry",
                             registry.url)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stderr, r"3 rows sunk .*, 2 passed over")
            counted = run("sql", "--lake", lake, "SELECT count(*), sum(size - 9007199254740000) "
                          "FROM mixed WHERE size > 2")
            self.assertIn("994", counted.stdout)

    def test_a_registry_that_stays_away_ends_it_with_what_it_has(self):
        with Registry() as registry, tempfile.TemporaryDirectory() as lake, \
                Pipeline("--feed", "none") as pipeline:
            registry.stop()
            send(pipeline.kafka, "mixed", [b'{"size":1}', registered(1, b"x"), b'{"size":2}'])
            done = self.sink(pipeline, lake, "mixed", "--schema-registry", registry.url)
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertIn("schema registry", done.stderr)
            self.assertIn("1 rows sunk", done.stderr)
            # The same command goes on where it waited.
            registry.start()
            done = self.sink(pipeline, lake, "mixed", "--schema-registry", registry.url)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stderr, "1 rows sunk .*, 1 dead letters")


class Flags(unittest.TestCase):
    def test_an_address_that_holds_a_password_is_refused(self):
        for url in ("http://user:secret@127.0.0.1:8081", "registry:8081", "http://", "http://a b"):
            done = run("sink", "--kafka", f"127.0.0.1:{free_port()}", "--topic", "t", "--lake",
                       "/nowhere", "--schema-registry", url, check=False)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("--schema-registry", done.stderr)
            self.assertNotIn("secret", done.stderr)


if __name__ == "__main__":
    unittest.main()
