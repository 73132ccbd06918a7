"""`ticklake lake ls`, `stats`, `verify` and `repair` on what a sink has left, whatever happened to it."""

import glob
import json
import os
import shutil
import unittest

from pipeline import Pipeline, run, spawn_simulation, wait_until


def delete_records(pipeline, topic, before):
    run("topic", "delete-records", topic, "--before", str(before), "--kafka", pipeline.kafka)


class LakeCommands(unittest.TestCase):
    def pipeline(self, *flags):
        pipeline = Pipeline("--feed", "none", "--flush-age", "200ms", *flags).start()
        self.addCleanup(pipeline.__exit__, None)
        pipeline.lake = f"{pipeline.data}/lake"
        return pipeline

    def lake(self, command, pipeline, *flags, status=0):
        done = run("lake", command, "--lake", pipeline.lake, *flags, check=False, timeout=120)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout

    def sink_rows(self, pipeline, topic, first, count):
        """`count` more records of `topic`, in files."""
        pipeline.produce(topic, [json.dumps({"n": n}) for n in range(first, first + count)])
        self.wait_until_durable(pipeline, topic, first + count)

    def wait_until_durable(self, pipeline, topic, offset):
        def is_durable():
            parts = pipeline.status()["sink"]["partitions"]
            return any(p["topic"] == topic and p["durable_offset"] >= offset for p in parts)
        wait_until(is_durable, f"{topic} is in files: {pipeline.status()['problems']}", 120)

    def test_what_a_sink_wrote_is_listed_counted_and_proven(self):
        pipeline = self.pipeline()
        self.sink_rows(pipeline, "orders", 0, 7)
        self.sink_rows(pipeline, "quotes", 0, 3)
        self.sink_rows(pipeline, "orders", 7, 2)
        tables = [json.loads(line) for line in self.lake("ls", pipeline, "--json").splitlines()]
        self.assertEqual([(t["table"], t["rows"], t["files"] > 0) for t in tables],
                         [("orders", 9, True), ("quotes", 3, True)])
        days = [json.loads(line)
                for line in self.lake("ls", pipeline, "ORDERS", "--json").splitlines()]
        self.assertEqual(sum(day["rows"] for day in days), 9)
        self.assertRegex(days[0]["partition"], r"^dt=\d{4}-\d\d-\d\d$")
        stats = [json.loads(line) for line in self.lake("stats", pipeline, "--json").splitlines()]
        self.assertEqual([(p["partition"], p["begin"], p["end"], p["rows"], p["lost"])
                          for p in stats],
                         [("orders/0", 0, 9, 9, 0), ("quotes/0", 0, 3, 3, 0)])
        for command in ("ls", "stats"):
            self.assertTrue(all(len(line) <= 80
                                for line in self.lake(command, pipeline).splitlines()))
        for flags in ((), ("--deep",)):
            self.assertRegex(self.lake("verify", pipeline, *flags),
                             r"^proven: 12 rows in \d+ files, \d+ records of 2 partitions, "
                             r"2 tables\n$")
        self.lake("ls", pipeline, "nowhere", status=1)

    def test_a_lake_is_proven_after_its_sink_was_killed_again_and_again(self):
        with Pipeline("--feed", "none", "--flush-rows", "2000", "--flush-age", "100ms") as pipeline:
            pipeline.lake = f"{pipeline.data}/lake"
            producer = spawn_simulation(pipeline.kafka, "orders", "4000/s", "--count", "20000")
            self.addCleanup(producer.kill)
            for kill in range(4):
                floor = pipeline.value_or("SELECT count(*) FROM orders", 0)
                wait_until(lambda floor=floor: pipeline.value_or("SELECT count(*) FROM orders", 0)
                           > floor, f"rows before kill {kill}", 120)
                pipeline.kill()
                self.lake("verify", pipeline)
                pipeline.start()
            producer.communicate(timeout=240)
            self.wait_until_durable(pipeline, "orders", 20000)
            self.assertRegex(self.lake("verify", pipeline, "--deep"), r"^proven: 20000 rows in ")

    def test_each_damage_is_named_with_the_file_and_ends_with_4(self):
        pipeline = self.pipeline()
        self.sink_rows(pipeline, "orders", 0, 3)
        self.sink_rows(pipeline, "orders", 3, 2)
        self.sink_rows(pipeline, "orders", 5, 4)
        self.assertEqual(pipeline.stop(), 0)
        records = sorted(glob.glob(f"{pipeline.lake}/_ticklake/orders/orders/*/0/*[0-9].json"))
        with open(records[1], encoding="utf-8") as file:
            record = json.load(file)
        key = record["files"][0]["key"]
        start, end, rows = record["start"], record["end"], record["files"][0]["rows"]
        path = f"{pipeline.lake}/{key}"
        with open(records[0], encoding="utf-8") as file:
            other = json.load(file)
        other_path = f"{pipeline.lake}/{other['files'][0]['key']}"

        def wrong():
            """The lines of verify but that of the summary; it must end with 4."""
            return self.lake("verify", pipeline, status=4).splitlines()

        kept = f"{pipeline.data}/kept.parquet"
        shutil.move(path, kept)
        self.assertEqual(wrong(), [f"missing {key}: offsets [{start}, {end}) of orders/0 were "
                                   f"committed to it, {rows} rows"])
        shutil.copy(other_path, path)
        self.assertEqual(wrong(), [f"changed {key}: it is that of offsets [{other['start']}, "
                                   f"{other['end']}) of orders/0"])
        with open(kept, "rb") as whole, open(path, "wb") as cut:
            cut.write(whole.read()[:-5])
        (line,) = wrong()
        self.assertTrue(line.startswith(f"changed {key}: it cannot be read: "), line)
        shutil.copy(kept, path)
        self.assertIn("proven", self.lake("verify", pipeline))
        stray = f"{os.path.dirname(path)}/again.parquet"
        shutil.copy(path, stray)
        (line,) = wrong()
        self.assertTrue(line.startswith(f"stray {os.path.dirname(key)}/again.parquet: "), line)
        os.remove(stray)
        os.remove(records[1])
        lines = wrong()
        self.assertEqual(lines[0], f"gap orders/0: offsets [{start}, {end}) are in no record")
        done = run("lake", "verify", "--lake", pipeline.lake, "--json", check=False)
        found = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([(f["kind"], f.get("start"), f.get("end")) for f in found[:1]],
                         [("gap", start, end)])
        self.assertEqual((found[-1]["kind"], found[-1]["proven"]), ("summary", False))

    def test_a_partition_whose_broker_lost_records_goes_on_after_repair_and_the_gap_is_known(self):
        pipeline = self.pipeline()
        self.sink_rows(pipeline, "orders", 0, 4)
        self.assertEqual(pipeline.stop(), 0)
        pipeline.flags = ("--feed", "none", "--flush-age", "10m")
        pipeline.start()
        pipeline.produce("orders", [json.dumps({"n": n}) for n in range(4, 9)])
        wait_until(lambda: pipeline.value_or("SELECT count(*) FROM orders", 0) == 9, "rows", 120)
        delete_records(pipeline, "orders", 7)
        pipeline.kill()  # what was in memory alone is gone
        pipeline.flags = ("--feed", "none", "--flush-age", "200ms")
        pipeline.start()
        wait_until(lambda: "the lake ends at offset 4" in json.dumps(pipeline.status()["problems"]),
                   "the partition says what is lost", 120)
        arguments = ("orders", "--topic", "orders", "--partition", "0", "--kafka", pipeline.kafka)
        plan = "orders/0: offsets [4, 7) are given up: the broker has offsets [7, 9)\n"
        self.assertEqual(self.lake("repair", pipeline, *arguments), plan)
        self.assertRegex(self.lake("verify", pipeline), "^proven: 4 rows")
        self.assertTrue(self.lake("repair", pipeline, *arguments, "--yes").startswith(
            plan + "written: _ticklake/orders/orders/"))
        self.wait_until_durable(pipeline, "orders", 9)
        self.assertEqual(pipeline.query("SELECT n FROM orders ORDER BY n"),
                         [[n] for n in (0, 1, 2, 3, 7, 8)])
        known, proven = self.lake("verify", pipeline, "--deep").splitlines()
        self.assertEqual(known, "known-gap orders/0: offsets [4, 7) are lost: the broker has "
                                "offsets [7, 9)")
        self.assertRegex(proven, "^proven: 6 rows .*; 1 known gap$")
        self.assertEqual(self.lake("repair", pipeline, *arguments),
                         "orders/0: nothing is lost\n")
        (stats,) = self.lake("stats", pipeline, "--json").splitlines()
        self.assertEqual(json.loads(stats)["lost"], 3)

    def test_a_file_that_the_broker_cannot_give_again_is_given_up_by_repair_alone(self):
        pipeline = self.pipeline()
        self.sink_rows(pipeline, "orders", 0, 4)
        self.sink_rows(pipeline, "orders", 4, 3)
        self.assertEqual(pipeline.stop(), 0)
        records = sorted(glob.glob(f"{pipeline.lake}/_ticklake/orders/orders/*/0/*[0-9].json"))
        with open(records[-1], encoding="utf-8") as file:
            last = json.load(file)
        os.remove(f"{pipeline.lake}/{last['files'][0]['key']}")
        pipeline.start()
        self.wait_until_durable(pipeline, "orders", 7)
        self.assertTrue(os.path.exists(f"{pipeline.lake}/{last['files'][0]['key']}"),
                        "as long as the broker has them, the sink writes the file again")
        self.sink_rows(pipeline, "orders", 7, 2)
        delete_records(pipeline, "orders", 7)
        self.assertEqual(pipeline.stop(), 0)
        os.remove(f"{pipeline.lake}/{last['files'][0]['key']}")
        self.lake("verify", pipeline, status=4)
        pipeline.start()
        arguments = ("orders", "--topic", "orders", "--partition", "0", "--kafka", pipeline.kafka)
        self.lake("repair", pipeline, *arguments, "--yes")
        self.assertEqual(pipeline.stop(), 0)
        pipeline.start()
        self.sink_rows(pipeline, "orders", 9, 1)
        lost = range(last["start"], last["end"])
        self.assertEqual(pipeline.query("SELECT n FROM orders ORDER BY n"),
                         [[n] for n in range(10) if n not in lost])
        self.assertIn("known-gap orders/0: ", self.lake("verify", pipeline, "--deep"))


if __name__ == "__main__":
    unittest.main()
