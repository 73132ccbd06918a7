"""`ticklake up --kafka` on three brokers of Apache Kafka of which one is lost at any time: every
acknowledged record is in SQL once, and the page stays live."""

import os
import signal
import time
import unittest

from cluster import Cluster, NODES, wait_until
from load import Load, SqlWatcher, StreamWatcher
from pipeline import BINARY, Pipeline, run

RATE = int(os.environ.get("TICKLAKE_RATE", "5000"))
TOPIC = "orders"
PARTITIONS = 6


class FailoverTest(unittest.TestCase):
    def setUp(self):
        self.assertTrue(os.path.exists(BINARY), f"no binary at {BINARY}")

    def test_brokers_lost_amid_load_lose_nothing_and_double_nothing(self):
        with Cluster() as cluster:
            run("topic", "create", TOPIC, "--kafka", cluster.addresses, "--partitions",
                str(PARTITIONS))
            self.check_copies(cluster)
            with Pipeline("--flush-rows", "100000", "--flush-age", "5s",
                          own_kafka=cluster.addresses) as pipeline:
                load = Load(cluster.addresses, TOPIC, RATE)
                load.start()
                wait_until(lambda: pipeline.value_or(f"SELECT count(*) FROM {TOPIC}", 0) > 0,
                           "the first rows")
                self.lose_brokers(cluster, pipeline, load)
                self.kill_up(cluster, pipeline, load)
                load.finish()
                self.check_rows(pipeline, load)
                self.check_bad_record(cluster, pipeline)
                self.assertEqual(pipeline.stop(), 0, pipeline.log()[-2000:])
            print(f"{len(load.acknowledged)} records acknowledged, the slowest after "
                  f"{load.slowest_s:.1f} s", flush=True)

    def lose_brokers(self, cluster, pipeline, load):
        sql, stream = SqlWatcher(pipeline, TOPIC), StreamWatcher(pipeline, TOPIC)
        sql.start()
        stream.start()
        group = pipeline.status()["broker"]["group"]
        first = cluster.coordinator(group)
        self.lose(cluster, first, "the group's coordinator", signal.SIGKILL)
        leaders = list(cluster.leaders(TOPIC).values())
        second = max((node for node in NODES if node != first), key=leaders.count)
        self.lose(cluster, second, "the leader of most partitions", signal.SIGKILL)
        third = next(node for node in NODES if node not in (first, second))
        self.lose(cluster, third, "one that only falls silent", signal.SIGSTOP)
        at_the_end = len(load.acknowledged)
        wait_until(lambda: sql.count >= at_the_end, f"{at_the_end} rows in SQL")
        sql.finish()
        stream.finish()
        for name, watcher in (("SQL", sql), ("the page's stream", stream)):
            print(f"{name}: {watcher.looks} looks, the slowest {watcher.slowest_s:.2f} s; nothing "
                  f"new for more than a second (seconds, when): {watcher.gaps}", flush=True)
            self.assertEqual(watcher.failures, [])
            self.assertGreater(watcher.looks, 20)
            # Some partitions have another leader, which goes on; the bound is the deadline of a test.
            self.assertLess(watcher.longest_s(), 30, watcher.gaps)

    def lose(self, cluster, number, what, how):
        print(f"broker {number}, {what}: {how.name}", flush=True)
        node = cluster.nodes[number]
        node.send(how)
        wait_until(lambda: number not in cluster.brokers(), "Kafka has noticed", 60, 0.2)
        wait_until(lambda: len(cluster.leaders(TOPIC)) == PARTITIONS
                   and number not in cluster.leaders(TOPIC).values(), "new leaders", 60, 0.2)
        # Lost for some seconds more, so that all that has to time out does.
        back = time.monotonic() + 5
        wait_until(lambda: time.monotonic() > back, "it is back", 60)
        if how == signal.SIGSTOP:
            node.send(signal.SIGCONT)
        else:
            node.process.wait(30)
            node.start()
        wait_until(cluster.is_whole, "all copies are in sync again", 180, 0.5)

    def kill_up(self, cluster, pipeline, load):
        """kill -9 of `up`, with a broker lost at the same moment."""
        victim = cluster.leaders(TOPIC)[0]
        pipeline.kill()
        cluster.nodes[victim].kill()
        acknowledged = len(load.acknowledged)
        pipeline.start()
        wait_until(lambda: pipeline.value_or(f"SELECT count(*) FROM {TOPIC}", 0) > acknowledged,
                   "SQL goes on", 120)
        cluster.nodes[victim].start()

    def check_copies(self, cluster):
        described = run("topic", "describe", TOPIC, "--kafka", cluster.addresses).stdout
        self.assertEqual(described.count("min.insync.replicas"), 1, described)
        for partition in cluster.admin.list_topics(TOPIC, timeout=10).topics[TOPIC].partitions.values():
            self.assertEqual(len(partition.replicas), 3, described)

    def check_rows(self, pipeline, load):
        expected = len(load.acknowledged)
        self.assertGreater(expected, 20 * RATE)
        self.assertEqual(load.sent, expected)
        wait_until(lambda: pipeline.value(f"SELECT count(*) FROM {TOPIC}") >= expected,
                   f"{expected} rows in SQL", 120)
        once = [expected, expected, 1, expected]
        numbers = f"SELECT count(*), count(DISTINCT id), min(id), max(id) FROM {TOPIC}"
        self.assertEqual(pipeline.query(numbers)[0], once)
        # Once more from what is on disk.
        pipeline.kill()
        pipeline.start()
        wait_until(lambda: pipeline.value(f"SELECT count(*) FROM {TOPIC}") >= expected,
                   f"{expected} rows in SQL after a kill", 120)
        self.assertEqual(pipeline.query(numbers)[0], once)

    def check_bad_record(self, cluster, pipeline):
        """The topic of dead letters has copies too."""
        pipeline.produce(TOPIC, ["no JSON"])
        wait_until(lambda: pipeline.status()["sink"]["dead_letters"] > 0, "a dead letter")
        name = f"{TOPIC}.dead-letter"
        topic = wait_until(lambda: cluster.admin.list_topics(timeout=10).topics.get(name), name)
        self.assertEqual([len(partition.replicas) for partition in topic.partitions.values()], [3])


if __name__ == "__main__":
    unittest.main()
