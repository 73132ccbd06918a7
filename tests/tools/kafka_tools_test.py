"""Kafka's own command-line tools work on ticklake as they do on Kafka: each is run as an operator
runs it, against the real binary, and what it prints is read."""

import json
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "clients"))

from broker import Broker  # noqa: E402
from kafka import command, run_tool  # noqa: E402
from secure import PASSWORD, USER, SecureBroker  # noqa: E402


def properties(of, *pairs):
    """The console tools' flags for them."""
    return [word for pair in pairs for word in (f"--{of}-property", pair)]


class KafkaTools(unittest.TestCase):
    """One broker for all of them; each test has topics and groups of its own."""

    @classmethod
    def setUpClass(cls):
        cls.broker = cls.enterClassContext(Broker())

    def run_ok(self, tool, *arguments, stdin=""):
        """The tool's stdout; it must end with status 0."""
        done = run_tool(tool, *arguments, stdin=stdin)
        self.assertEqual(done.returncode, 0, f"{tool}: {done.stdout}\n{done.stderr}")
        return done.stdout

    def on_broker(self, tool, *arguments, stdin="", flag="--bootstrap-server"):
        return self.run_ok(tool, flag, self.broker.address, *arguments, stdin=stdin)

    def make_topic(self, name, partitions=1, *configs):
        settings = [word for config in configs for word in ("--config", config)]
        self.on_broker("kafka-topics", "--create", "--topic", name, "--partitions", partitions,
                       *settings)

    def produce(self, topic, lines, *arguments):
        self.on_broker("kafka-console-producer", "--topic", topic, *arguments,
                       stdin="".join(line + "\n" for line in lines))

    def consume(self, topic, count, *arguments):
        out = self.on_broker("kafka-console-consumer", "--topic", topic, "--max-messages", count,
                             "--timeout-ms", 30000, "--from-beginning", *arguments)
        return out.splitlines()

    def test_topics(self):
        """kafka-topics creates, lists, describes, alters and deletes."""
        self.make_topic("topics", 2, "retention.ms=60000", "cleanup.policy=compact")
        self.assertIn("topics", self.on_broker("kafka-topics", "--list").splitlines())
        described = self.on_broker("kafka-topics", "--describe", "--topic", "topics")
        self.assertRegex(described, r"PartitionCount: 2\s+ReplicationFactor: 1")
        self.assertIn("retention.ms=60000", described)
        self.assertIn("cleanup.policy=compact", described)
        self.on_broker("kafka-topics", "--alter", "--topic", "topics", "--partitions", 5)
        described = self.on_broker("kafka-topics", "--describe", "--topic", "topics")
        self.assertIn("PartitionCount: 5", described)
        self.assertEqual(described.count("Leader: 1"), 5)
        self.on_broker("kafka-topics", "--delete", "--topic", "topics")
        self.assertNotIn("topics", self.on_broker("kafka-topics", "--list").splitlines())
        again = run_tool("kafka-topics", "--bootstrap-server", self.broker.address, "--delete",
                         "--topic", "topics")
        self.assertNotEqual(again.returncode, 0)
        self.assertIn("does not exist", again.stdout + again.stderr)

    def test_console(self):
        """kafka-console-producer's keys and headers come out of kafka-console-consumer."""
        self.make_topic("console", 1)
        self.produce("console", ["h1:a|k1|v1", "h1:b|k2|v2"], *properties(
            "reader", "parse.key=true", "key.separator=|", "parse.headers=true",
            "headers.delimiter=|"))
        lines = self.consume("console", 2, *properties(
            "formatter", "print.key=true", "print.headers=true", "print.offset=true",
            "print.partition=true"))
        self.assertEqual(lines, ["Partition:0\tOffset:0\th1:a\tk1\tv1",
                                 "Partition:0\tOffset:1\th1:b\tk2\tv2"])

    def test_console_consumer_in_a_group(self):
        """A group goes on where it stopped, by either group protocol's default commands."""
        self.make_topic("console-group", 2)
        self.produce("console-group", [f"v{i}" for i in range(6)])
        first = self.consume("console-group", 6, "--group", "console-readers")
        self.assertEqual(sorted(first), [f"v{i}" for i in range(6)])
        self.produce("console-group", ["v6"])
        self.assertEqual(self.consume("console-group", 1, "--group", "console-readers"), ["v6"])

    def test_compression(self):
        """Every codec of the console producer is on disk as it was sent, and comes back."""
        for codec in ("gzip", "snappy", "lz4", "zstd"):
            topic = f"codec-{codec}"
            self.make_topic(topic)
            sent = [f"{i} " + "tick " * 50 for i in range(50)]
            self.produce(topic, sent, "--compression-codec", codec)
            self.assertEqual(self.consume(topic, 50), sent)
            self.assertEqual(set(self.broker.batch_codecs(topic)), {codec})

    def test_consumer_groups(self):
        """kafka-consumer-groups lists, describes with lag, resets and deletes."""
        self.make_topic("groups", 1)
        self.produce("groups", [f"v{i}" for i in range(10)])
        self.consume("groups", 4, "--group", "lagging", "--command-property",
                     "max.poll.records=4")
        self.assertIn("lagging", self.on_broker("kafka-consumer-groups", "--list").splitlines())
        row = self.group_row("lagging", "groups")
        self.assertEqual(row[3:6], ["4", "10", "6"])
        state = self.on_broker("kafka-consumer-groups", "--describe", "--group", "lagging",
                               "--state")
        self.assertRegex(state, r"Empty\s+0")
        plan = self.on_broker("kafka-consumer-groups", "--group", "lagging", "--topic", "groups",
                              "--reset-offsets", "--to-earliest", "--dry-run")
        self.assertRegex(plan, r"lagging\s+groups\s+0\s+0")
        self.assertEqual(self.group_row("lagging", "groups")[3], "4")
        self.on_broker("kafka-consumer-groups", "--group", "lagging", "--topic", "groups",
                       "--reset-offsets", "--shift-by", "3", "--execute")
        self.assertEqual(self.group_row("lagging", "groups")[3], "7")
        self.on_broker("kafka-consumer-groups", "--delete-offsets", "--group", "lagging",
                       "--topic", "groups")
        self.on_broker("kafka-consumer-groups", "--delete", "--group", "lagging")
        self.assertNotIn("lagging",
                         self.on_broker("kafka-consumer-groups", "--list").splitlines())

    def group_row(self, group, topic):
        out = self.on_broker("kafka-consumer-groups", "--describe", "--group", group)
        rows = [line.split() for line in out.splitlines() if line.startswith(group)]
        return next(row for row in rows if row[1] == topic)

    def test_groups(self):
        """kafka-groups lists groups with their types."""
        self.make_topic("typed", 1)
        self.produce("typed", ["v"])
        self.consume("typed", 1, "--group", "typed-readers")
        self.assertRegex(self.on_broker("kafka-groups", "--list"),
                         r"typed-readers\s+Classic\s+consumer")

    def test_configs_of_topics(self):
        """kafka-configs changes a topic's configs and describes them."""
        self.make_topic("configured")
        entity = ("--entity-type", "topics", "--entity-name", "configured")
        self.on_broker("kafka-configs", *entity, "--alter", "--add-config",
                       "retention.ms=1234567,max.message.bytes=2000")
        self.assertRegex(self.on_broker("kafka-configs", *entity, "--describe"),
                         r"retention\.ms=1234567")
        self.on_broker("kafka-configs", *entity, "--alter", "--delete-config", "retention.ms")
        described = self.on_broker("kafka-configs", *entity, "--describe")
        self.assertNotIn("retention.ms", described)
        self.assertIn("max.message.bytes=2000", described)
        refused = run_tool("kafka-configs", "--bootstrap-server", self.broker.address, *entity,
                           "--alter", "--add-config", "retention.millis=1")
        self.assertIn("retention.millis", refused.stdout + refused.stderr)

    def test_configs_of_brokers(self):
        """kafka-configs describes the broker."""
        out = self.on_broker("kafka-configs", "--entity-type", "brokers", "--entity-name", "1",
                             "--describe", "--all")
        self.assertIn("auto.create.topics.enable=true", out)

    def test_producer_perf(self):
        """kafka-producer-perf-test sends what it was told to, plain and in transactions."""
        self.make_topic("perf", 3)
        out = self.run_ok("kafka-producer-perf-test", "--topic", "perf", "--num-records", 20000,
                          "--record-size", 100, "--throughput", -1, "--producer-props",
                          f"bootstrap.servers={self.broker.address}", "acks=all")
        self.assertRegex(out, r"20000 records sent")
        out = self.run_ok("kafka-producer-perf-test", "--topic", "perf", "--num-records", 2000,
                          "--record-size", 100, "--throughput", -1, "--transaction-duration-ms",
                          100, "--transactional-id", "perf-txn", "--producer-props",
                          f"bootstrap.servers={self.broker.address}")
        self.assertRegex(out, r"2000 records sent")
        self.assertEqual(self.end_offsets("perf", "read_committed_count"), 22000)
        out = self.run_ok("kafka-consumer-perf-test", "--bootstrap-server", self.broker.address,
                          "--topic", "perf", "--num-records", 22000, "--timeout", 30000,
                          "--hide-header")
        self.assertGreaterEqual(int(out.splitlines()[-1].split(",")[4]), 22000)

    def end_offsets(self, topic, group):
        """How many records a read_committed reader gets, by its lag of nothing committed."""
        out = self.on_broker("kafka-console-consumer", "--topic", topic, "--from-beginning",
                             "--group", group, "--isolation-level", "read_committed",
                             "--timeout-ms", 4000, *properties("formatter", "print.value=false",
                                                               "print.offset=true"))
        return len(out.splitlines())

    def test_verifiable(self):
        """kafka-verifiable-producer's records are those that the verifiable consumer reads."""
        self.make_topic("verifiable", 2)
        out = self.on_broker("kafka-verifiable-producer", "--topic", "verifiable",
                             "--max-messages", 500, "--acks", -1)
        events = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
        sent = [event for event in events if event["name"] == "producer_send_success"]
        self.assertEqual(len(sent), 500)
        self.assertFalse([e for e in events if e["name"] == "producer_send_error"])
        out = self.on_broker("kafka-verifiable-consumer", "--topic", "verifiable", "--group-id",
                             "verifiers", "--max-messages", 500, "--reset-policy", "earliest")
        events = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
        self.assertEqual(sum(e["count"] for e in events if e["name"] == "records_consumed"), 500)
        commits = [e for e in events if e["name"] == "offsets_committed"]
        self.assertTrue(commits and all(e["success"] for e in commits), commits)

    def test_get_offsets(self):
        """kafka-get-offsets: earliest, latest, by time, the largest timestamp."""
        self.make_topic("offsets", 2)
        self.produce("offsets", ["a|1", "a|2", "a|3"], *properties(
            "reader", "parse.key=true", "key.separator=|"))
        ends = self.on_broker("kafka-get-offsets", "--topic", "offsets")
        counts = [int(line.split(":")[2]) for line in ends.split()]
        self.assertEqual(sorted(counts), [0, 3])
        starts = self.on_broker("kafka-get-offsets", "--topic", "offsets", "--time", "earliest")
        self.assertEqual({line.split(":")[2] for line in starts.split()}, {"0"})
        by_time = self.on_broker("kafka-get-offsets", "--topic", "offsets", "--time",
                                 "1000000000000")
        self.assertIn(":0", by_time)
        newest = self.on_broker("kafka-get-offsets", "--topic", "offsets", "--time",
                                "max-timestamp")
        self.assertRegex(newest, r"offsets:\d:[012]\b")

    def test_delete_records(self):
        """kafka-delete-records moves the log's start."""
        self.make_topic("deleted")
        self.produce("deleted", [f"v{i}" for i in range(5)])
        plan = self.broker.data.parent / "delete.json"
        plan.write_text(json.dumps({"version": 1, "partitions": [
            {"topic": "deleted", "partition": 0, "offset": 3}]}))
        out = self.on_broker("kafka-delete-records", "--offset-json-file", plan)
        self.assertRegex(out, r"deleted-0\s+low_watermark: 3")
        self.assertEqual(self.consume("deleted", 2), ["v3", "v4"])

    def test_log_dirs(self):
        """kafka-log-dirs tells the folder and the size of each partition."""
        self.make_topic("sized", 2)
        self.produce("sized", ["v"])
        out = self.on_broker("kafka-log-dirs", "--describe", "--topic-list", "sized")
        told = json.loads(next(line for line in out.splitlines() if line.startswith("{")))
        partitions = told["brokers"][0]["logDirs"][0]["partitions"]
        self.assertEqual({p["partition"] for p in partitions}, {"sized-0", "sized-1"})
        self.assertGreater(sum(p["size"] for p in partitions), 60)

    def test_transactions(self):
        """kafka-transactions lists and describes what is under way, and finds nothing hanging."""
        self.make_topic("transactional")
        self.run_ok("kafka-producer-perf-test", "--topic", "transactional", "--num-records", 100,
                    "--record-size", 10, "--throughput", -1, "--transaction-duration-ms", 50,
                    "--transactional-id", "payments", "--producer-props",
                    f"bootstrap.servers={self.broker.address}")
        self.assertRegex(self.on_broker("kafka-transactions", "list"),
                         r"payments\s+\d+\s+\d+\s+CompleteCommit")
        out = self.on_broker("kafka-transactions", "describe", "--transactional-id", "payments")
        self.assertRegex(out, r"payments\s+\d+\s+\d+\s+CompleteCommit")
        out = self.on_broker("kafka-transactions", "describe-producers", "--topic",
                             "transactional", "--partition", 0)
        self.assertRegex(out, r"(?m)^\d+\s+\d+\s+\d+")
        self.on_broker("kafka-transactions", "find-hanging", "--broker-id", 1)

    def test_cluster(self):
        """kafka-cluster, kafka-broker-api-versions and kafka-features know the broker."""
        for what, told in (("cluster-id", r"Cluster ID: \S{22}"),
                           ("list-endpoints", r"1\s+127\.0\.0\.1\s+\d+")):
            self.assertRegex(self.run_ok("kafka-cluster", what, "--bootstrap-server",
                                         self.broker.address), told)
        out = self.on_broker("kafka-broker-api-versions")
        self.assertIn("(id: 1 rack: null", out)
        for api in ("Produce(0)", "Fetch(1)", "InitProducerId(22)", "DescribeCluster(60)"):
            self.assertRegex(out, re.escape(api) + r": \d")
        self.assertNotRegex(out, r"Produce\(0\): UNSUPPORTED")
        self.on_broker("kafka-features", "describe")

    def test_end_to_end_latency(self):
        """kafka-e2e-latency gets every record back."""
        self.make_topic("latency")
        out = self.on_broker("kafka-e2e-latency", "--topic", "latency", "--num-records", 500,
                             "--producer-acks", "all", "--record-size", 20)
        self.assertRegex(out, r"Avg latency: [\d.]+ ms")

    def test_console_consumer_follows(self):
        """A consumer that waits gets what is produced meanwhile."""
        self.make_topic("followed")
        reader = subprocess.Popen(
            command("kafka-console-consumer", "--bootstrap-server", self.broker.address,
                    "--topic", "followed", "--from-beginning", "--max-messages", 2),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(reader.kill)
        self.produce("followed", ["first"])
        self.assertEqual(reader.stdout.readline(), "first\n")
        self.produce("followed", ["second"])
        self.assertEqual(reader.stdout.readline(), "second\n")
        self.assertEqual(reader.wait(30), 0)
        reader.stdout.close()


class KafkaToolsOverSaslSsl(unittest.TestCase):
    """Users, ACLs and quotas, administrated by Kafka's tools over SASL_SSL on a broker that asks."""

    @classmethod
    def setUpClass(cls):
        cls.broker = cls.enterClassContext(
            SecureBroker(more=["--authorize", "--super-user", f"User:{USER}"]))
        cls.admin = cls.client_of(USER, PASSWORD)

    @classmethod
    def client_of(cls, user, password, mechanism="SCRAM-SHA-512"):
        """The file of a client of that user, as the tools read it."""
        path = cls.broker.data.parent / f"{user}-{mechanism}.properties"
        path.write_text(
            f"security.protocol=SASL_SSL\nsasl.mechanism={mechanism}\n"
            "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required "
            f'username="{user}" password="{password}";\n'
            f"ssl.truststore.type=PEM\nssl.truststore.location={cls.broker.certificates.ca}\n")
        return path

    def run_as_admin(self, tool, *arguments):
        done = run_tool(tool, "--bootstrap-server", self.broker.address, "--command-config",
                        self.admin, *arguments)
        self.assertEqual(done.returncode, 0, f"{tool}: {done.stdout}\n{done.stderr}")
        return done.stdout

    def produce_as(self, client, topic):
        return run_tool("kafka-console-producer", "--bootstrap-server", self.broker.address,
                        "--command-config", client, "--topic", topic, "--sync", stdin="v\n")

    def test_users_and_acls(self):
        """kafka-configs makes a user, kafka-acls lets him write, and both take it back."""
        self.run_as_admin("kafka-topics", "--create", "--topic", "guarded")
        user = ("--entity-type", "users", "--entity-name", "bob")
        self.run_as_admin("kafka-configs", *user, "--alter", "--add-config",
                          "SCRAM-SHA-256=[iterations=8192,password=builder]")
        self.assertIn("SCRAM-SHA-256=iterations=8192",
                      self.run_as_admin("kafka-configs", *user, "--describe"))
        bob = self.client_of("bob", "builder", "SCRAM-SHA-256")
        refused = self.produce_as(bob, "guarded")
        self.assertIn("Not authorized", refused.stdout + refused.stderr)

        rule = ("--allow-principal", "User:bob", "--topic", "guarded", "--operation", "Write",
                "--operation", "Describe")
        self.run_as_admin("kafka-acls", "--add", *rule)
        listed = self.run_as_admin("kafka-acls", "--list", "--topic", "guarded")
        self.assertRegex(listed, r"principal=User:bob, host=\*, operation=WRITE, "
                                 r"permissionType=ALLOW")
        allowed = self.produce_as(bob, "guarded")
        self.assertNotIn("Not authorized", allowed.stdout + allowed.stderr)
        ends = self.run_as_admin("kafka-get-offsets", "--topic", "guarded")
        self.assertEqual(ends.split(), ["guarded:0:1"])

        self.run_as_admin("kafka-acls", "--remove", "--force", *rule)
        self.assertNotIn("User:bob", self.run_as_admin("kafka-acls", "--list"))
        self.run_as_admin("kafka-configs", *user, "--alter", "--delete-config", "SCRAM-SHA-256")
        self.assertNotIn("SCRAM-SHA-256",
                         self.run_as_admin("kafka-configs", *user, "--describe"))

    def test_client_quotas(self):
        """kafka-configs sets, shows and removes quotas of users, clients and defaults."""
        for entity, shown in ((("--entity-type", "users", "--entity-name", "carol"),
                               "user-principal 'carol'"),
                              (("--entity-type", "clients", "--entity-name", "loader"),
                               "client-id 'loader'"),
                              (("--entity-type", "users", "--entity-default"),
                               "the default user-principal")):
            self.run_as_admin("kafka-configs", *entity, "--alter", "--add-config",
                              "producer_byte_rate=1048576,request_percentage=50")
            described = self.run_as_admin("kafka-configs", *entity, "--describe")
            self.assertIn(shown, described)
            self.assertIn("producer_byte_rate=1048576", described)
            self.run_as_admin("kafka-configs", *entity, "--alter", "--delete-config",
                              "producer_byte_rate,request_percentage")
            self.assertNotIn("producer_byte_rate",
                             self.run_as_admin("kafka-configs", *entity, "--describe"))


class KafkaReadsOurFiles(unittest.TestCase):
    """kafka-dump-log on the files that ticklake wrote: every batch, index entry and snapshot."""

    def test_dump_log(self):
        with Broker() as broker:
            self.write(broker)
            broker.stop()
            folders = {path.name: path for path in broker.data.glob("broker/*-0")}
            self.check_topic(folders["dumped-0"])
            self.check_coordinators(folders)

    def write(self, broker):
        made = run_tool("kafka-topics", "--bootstrap-server", broker.address, "--create",
                        "--topic", "dumped", "--partitions", 1, "--config",
                        "segment.bytes=1048576")
        self.assertEqual(made.returncode, 0, made.stderr)
        for transactional in (False, True):
            more = (["--transaction-duration-ms", 200, "--transactional-id", "dump"]
                    if transactional else [])
            done = run_tool("kafka-producer-perf-test", "--topic", "dumped", "--num-records",
                            10000, "--record-size", 200, "--throughput", -1, *more,
                            "--producer-props", f"bootstrap.servers={broker.address}",
                            "batch.size=4000", "linger.ms=5")
            self.assertEqual(done.returncode, 0, done.stderr)
        done = run_tool("kafka-console-consumer", "--bootstrap-server", broker.address, "--topic",
                        "dumped", "--group", "dump-readers", "--from-beginning",
                        "--max-messages", 20000, *properties("formatter", "print.value=false"))
        self.assertEqual(done.returncode, 0, done.stderr)

    def dump(self, path, *arguments):
        done = run_tool("kafka-dump-log", "--files", path, *arguments)
        self.assertEqual(done.returncode, 0, f"{path}: {done.stdout[-2000:]}{done.stderr}")
        return done.stdout

    def check_topic(self, folder):
        logs = sorted(folder.glob("*.log"))
        self.assertGreater(len(logs), 2, "the topic rolled")
        batches = 0
        for log in logs:
            out = self.dump(log, "--deep-iteration")
            batches += out.count("baseOffset:")
            self.assertNotIn("isvalid: false", out)
            self.assertNotIn("Found invalid", out)
            self.assertNotIn("out of order", out)
        self.assertGreater(batches, 500)
        for index in sorted(folder.glob("*.index")) + sorted(folder.glob("*.timeindex")):
            out = self.dump(index, "--index-sanity-check")
            self.assertRegex(out, r"passed sanity check", out)
            out = self.dump(index, "--verify-index-only")
            self.assertNotRegex(out, r"Mismatches|Found|Index offset", out)
        snapshots = sorted(folder.glob("*.snapshot"))
        self.assertTrue(snapshots)
        self.assertRegex(self.dump(snapshots[-1]), r"producerId: \d+ producerEpoch: \d+")

    def check_coordinators(self, folders):
        out = self.dump(next(folders["__consumer_offsets-0"].glob("*.log")), "--offsets-decoder")
        self.assertIn("dump-readers", out)
        self.assertRegex(out, r'"offset":20\d\d\d')
        out = self.dump(next(folders["__transaction_state-0"].glob("*.log")),
                        "--transaction-log-decoder")
        self.assertIn("dump", out)
        self.assertRegex(out, r"CompleteCommit|\"transactionStatus\"")


if __name__ == "__main__":
    unittest.main()
