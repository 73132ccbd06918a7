"""Who gets in, and who does not: TLS, SASL and mTLS with real clients against the real broker."""

import errno
import socket
import ssl
import stat
import struct
import subprocess
import unittest

from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError

from broker import Broker, text, wait_until
from secure import PASSWORD, USER, Certificates, SecureBroker, ticklake

MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
RECORDS = [f"record {number}" for number in range(50)]


def kcat(*arguments, text_in=None):
    return subprocess.run(["kcat", *arguments], input=text_in, capture_output=True, text=True,
                          timeout=60, check=False)


def round_trip(broker, topic, settings):
    """Fails unless kcat writes and reads with these settings."""
    wrote = kcat("-b", broker.address, *settings, "-P", "-t", topic, text_in="\n".join(RECORDS))
    assert wrote.returncode == 0, wrote.stderr
    read = kcat("-b", broker.address, *settings, "-C", "-t", topic, "-o", "beginning", "-e", "-q")
    assert read.stdout.splitlines() == RECORDS, read.stderr


def send_until_hung_up(port, sent):
    """Fails unless the broker closes the connection, which it may before it has read everything."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass
        except ConnectionError:
            pass
        except OSError as error:
            if error.errno != errno.ENOTCONN:  # shutdown says that where a reset came first
                raise


def memory_kib(broker):
    with open(f"/proc/{broker.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def refusal(broker, settings):
    """What kcat says when it may not even list topics."""
    done = kcat("-b", broker.address, *settings, "-L", "-m", "3")
    assert done.returncode != 0, done.stdout
    return done.stderr


class Sasl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = cls.enterClassContext(SecureBroker())

    def test_each_mechanism_lets_a_user_in_who_knows_the_password(self):
        for mechanism in MECHANISMS:
            round_trip(self.broker, f"by-{mechanism}", self.broker.kcat(mechanism=mechanism))

    def test_a_wrong_password_and_a_stranger_are_told_the_same(self):
        for mechanism in MECHANISMS:
            wrong = refusal(self.broker, self.broker.kcat(mechanism=mechanism, password="wander"))
            stranger = refusal(self.broker, self.broker.kcat(mechanism=mechanism, user="mallory"))
            self.assertIn("Authentication failed", wrong)
            self.assertIn("Authentication failed", stranger)
        self.assertNotIn("wander", self.broker.log())

    def test_a_mechanism_that_is_not_there_is_refused_with_those_that_are(self):
        settings = self.broker.librdkafka(mechanism="OAUTHBEARER")
        done = kcat("-b", self.broker.address, "-L", "-m", "3",
                    *[word for item in settings.items() for word in ("-X", "=".join(item))],
                    "-X", "enable.sasl.oauthbearer.unsecure.jwt=true",
                    "-X", "sasl.oauthbearer.config=principal=alice")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("SCRAM-SHA-512", done.stderr)

    def test_python3_kafka_sends_its_tokens_without_headers(self):
        for mechanism in MECHANISMS:
            options = self.broker.kafka_python(mechanism=mechanism)
            producer = KafkaProducer(bootstrap_servers=self.broker.address, **options)
            producer.send(f"python-{mechanism}", b"one").get(20)
            producer.close()
            consumer = KafkaConsumer(f"python-{mechanism}", auto_offset_reset="earliest",
                                     bootstrap_servers=self.broker.address,
                                     consumer_timeout_ms=20000, **options)
            self.assertEqual(next(consumer).value, b"one")
            consumer.close()

    def test_python3_kafka_is_refused_with_a_wrong_password(self):
        with self.assertRaises(KafkaError):
            KafkaProducer(bootstrap_servers=self.broker.address, max_block_ms=5000,
                          **self.broker.kafka_python(password="wander"))

    def test_a_client_that_trusts_another_authority_does_not_connect(self):
        other = Certificates(self.broker.certificates.folder / "other")
        settings = self.broker.kcat() + ["-X", f"ssl.ca.location={other.ca}"]
        self.assertRegex(refusal(self.broker, settings), "(?i)certificate verify failed")

    def test_plain_clients_on_the_tls_port_and_the_other_way_round(self):
        refusal(self.broker, [])
        wait_until(lambda: "TLS handshake failed" in self.broker.log(), "the broker says why")
        tls = [*self.broker.kcat()]
        done = kcat("-b", self.broker.plain_address, *tls, "-L", "-m", "3")
        self.assertNotEqual(done.returncode, 0)
        round_trip(self.broker, "after-all-that", self.broker.kcat())

    def test_a_fetch_of_much_is_the_same_with_and_without_tls(self):
        records = [f"{number} " + "x" * 2000 for number in range(4000)]
        wrote = kcat("-b", self.broker.plain_address, "-P", "-t", "much", text_in="\n".join(records))
        self.assertEqual(wrote.returncode, 0, wrote.stderr)
        for where in (["-b", self.broker.plain_address],
                      ["-b", self.broker.address, *self.broker.kcat()]):
            read = kcat(*where, "-C", "-t", "much", "-o", "beginning", "-e", "-q",
                        "-X", "fetch.message.max.bytes=5000000", "-X", "check.crcs=true")
            self.assertEqual(read.stdout.splitlines(), records, read.stderr)

    def test_garbage_on_each_listener_harms_nobody(self):
        for port in (self.broker.port, self.broker.secure_port):
            for garbage in (b"", b"\0", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"x" * 70000,
                            struct.pack(">i", 0x7fffffff), struct.pack(">ihhi", 8, 17, 99, 1)):
                send_until_hung_up(port, garbage)
        round_trip(self.broker, "after-garbage", self.broker.kcat())

    def test_nothing_is_served_before_authentication(self):
        context = ssl.create_default_context(cafile=self.broker.certificates.ca)
        for key, version, body in ((3, 1, struct.pack(">i", -1)), (36, 1, struct.pack(">i", 0)),
                                   (0, 3, b"")):
            with socket.create_connection(("127.0.0.1", self.broker.secure_port), 10) as raw:
                with context.wrap_socket(raw, server_hostname="localhost") as connection:
                    header = struct.pack(">hhi", key, version, 1) + text("test")
                    connection.sendall(struct.pack(">i", len(header) + len(body)) + header + body)
                    answer = connection.makefile("rb").read()
                    if key == 36:
                        self.assertEqual(struct.unpack_from(">h", answer, 8)[0], 34)
                    else:
                        self.assertEqual(answer, b"")

    def test_a_request_before_authentication_is_small(self):
        context = ssl.create_default_context(cafile=self.broker.certificates.ca)
        with socket.create_connection(("127.0.0.1", self.broker.secure_port), 10) as raw:
            with context.wrap_socket(raw, server_hostname="localhost") as connection:
                connection.sendall(struct.pack(">i", 600 * 1024))
                self.assertEqual(connection.recv(1), b"")

    def test_users_come_and_go_while_the_broker_runs(self):
        broker = self.broker
        config = broker.certificates.folder / "client.properties"
        config.write_text("# as a Java client has it\n" + "".join(
            f"{name}={value}\n" for name, value in broker.librdkafka().items()))
        where = ["--kafka", broker.address, "--client-config", config]
        ticklake("user", "add", "bob", *where, password="first")
        round_trip(broker, "bobs", broker.kcat(user="bob", password="first"))
        ticklake("user", "add", "bob", "--mechanism", "SCRAM-SHA-256", *where, password="second")
        round_trip(broker, "bobs-2", broker.kcat("SCRAM-SHA-256", "bob", "second"))
        refusal(broker, broker.kcat("SCRAM-SHA-256", "bob", "first"))
        listed = ticklake("user", "list", *where, "--output", "csv").stdout
        self.assertIn("bob,SCRAM-SHA-256,4096", listed)
        self.assertIn(f"{USER},SCRAM-SHA-512,4096", listed)
        ticklake("user", "delete", "bob", *where)
        refusal(broker, broker.kcat(user="bob", password="first"))
        gone = ticklake("user", "describe", "bob", *where, check=False)
        self.assertEqual(gone.stderr, "error: there is no user 'bob'\ntry: ticklake user list\n")

    def test_other_subcommands_authenticate_too(self):
        broker = self.broker
        settings = [word for name, value in broker.librdkafka().items()
                    for word in ("-X", f"{name}={value}")]
        where = ["--kafka", broker.address, *settings]
        ticklake("topic", "create", "sunk", *where)
        kcat("-b", broker.plain_address, "-P", "-t", "sunk", text_in='{"symbol":"A","price":1}\n' * 20)
        lake = broker.certificates.folder / "lake"
        done = ticklake("sink", "--topic", "sunk", "--lake", lake, "--until-end", *where)
        self.assertIn("20 rows sunk", done.stderr)

    def test_the_file_of_keys_is_for_the_broker_alone(self):
        path = self.broker.data / "broker" / "scram-credentials"
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertNotIn(PASSWORD, path.read_text())


class Tls(unittest.TestCase):
    def test_a_certificate_names_its_client(self):
        with SecureBroker("SSL", mutual=True) as broker:
            certificates = broker.certificates
            nobody = broker.kcat()
            self.assertRegex(refusal(broker, nobody), "(?i)certificate required|handshake|alert")
            certificate, key = certificates.sign("alice", "/C=DE/O=desk/CN=alice")
            mine = ["-X", f"ssl.certificate.location={certificate}", "-X", f"ssl.key.location={key}"]
            round_trip(broker, "mutual", nobody + mine)
            other = Certificates(certificates.folder / "other")
            certificate, key = other.sign("alice", "/CN=alice")
            forged = ["-X", f"ssl.certificate.location={certificate}", "-X", f"ssl.key.location={key}"]
            refusal(broker, nobody + forged)
            expired, key = certificates.sign("old", "/CN=old", days=0)
            refusal(broker, nobody + ["-X", f"ssl.certificate.location={expired}",
                                      "-X", f"ssl.key.location={key}"])

    def test_a_renewed_certificate_needs_no_restart(self):
        with SecureBroker("SSL") as broker:
            context = ssl.create_default_context(cafile=broker.certificates.ca)

            def serial():
                with socket.create_connection(("127.0.0.1", broker.secure_port), 10) as raw:
                    with context.wrap_socket(raw, server_hostname="localhost") as connection:
                        return connection.getpeercert()["serialNumber"]

            before = serial()
            broker.certificates.sign("broker", "/CN=broker")
            wait_until(lambda: serial() != before, "the new certificate is shown", 40)
            round_trip(broker, "renewed", broker.kcat())

    def test_what_cannot_work_is_said_at_the_start(self):
        with SecureBroker("SSL") as broker:
            folder = broker.certificates.folder
            other_key = broker.certificates.sign("other", "/CN=other")[1]

            def start(*flags):
                return ticklake("broker", "--data", folder / "data", "--kafka-listen",
                                "SSL://127.0.0.1:0", *flags, check=False)

            certificate = ["--tls-certificate", folder / "broker.pem"]
            self.assertIn("error: a TLS listener has no certificate", start().stderr)
            self.assertIn("is not that of the certificate",
                          start(*certificate, "--tls-key", other_key).stderr)
            self.assertIn("nowhere.key", start(*certificate, "--tls-key", folder / "nowhere.key").stderr)
            self.assertIn("the TLS key cannot be read",
                          start(*certificate, "--tls-key", folder / "broker.pem").stderr)
            for reachable in ("0.0.0.0:0", "SSL://0.0.0.0:0"):
                refused = ticklake("broker", "--data", folder / "data", "--kafka-listen", reachable,
                                   check=False)
                self.assertEqual(refused.returncode, 2)
                self.assertIn("error: will not listen on 0.0.0.0:0", refused.stderr)


class Principals(unittest.TestCase):
    """Who authenticated is whom ACLs are about."""

    def expect_denied(self, broker, settings):
        wrote = kcat("-b", broker.address, *settings, "-P", "-t", "denied", text_in="one")
        self.assertRegex(wrote.stderr, "(?i)authorization failed")

    def test_a_user_of_sasl(self):
        with SecureBroker(more=["--authorize", "--super-user", f"User:{USER}"]) as broker:
            ticklake("user", "add", "bob", "--kafka", broker.address, *broker.kcat(),
                     password="bobs")
            round_trip(broker, "allowed", broker.kcat())
            self.expect_denied(broker, broker.kcat(user="bob", password="bobs"))
            mine = broker.kcat(user="bob", password="bobs")
            refused = ticklake("user", "list", "--kafka", broker.address, *mine, check=False)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("CLUSTER_AUTHORIZATION_FAILED", refused.stderr)
            refused = ticklake("user", "add", "eve", "--kafka", broker.address, *mine,
                               password="eves", check=False)
            self.assertIn("CLUSTER_AUTHORIZATION_FAILED", refused.stderr)

    def test_the_subject_of_a_certificate(self):
        subject = "User:CN=alice,O=desk,C=DE"
        with SecureBroker("SSL", True, ["--authorize", "--super-user", subject]) as broker:
            def settings_of(name, subject):
                certificate, key = broker.certificates.sign(name, subject)
                return broker.kcat() + ["-X", f"ssl.certificate.location={certificate}",
                                        "-X", f"ssl.key.location={key}"]

            round_trip(broker, "allowed", settings_of("alice", "/C=DE/O=desk/CN=alice"))
            self.expect_denied(broker, settings_of("bob", "/C=DE/O=desk/CN=bob"))


def int32(value):
    return struct.pack(">i", value)


class Quotas(unittest.TestCase):
    BYTES_PER_SECOND = 5000.0

    def test_who_is_above_his_quota_is_told_and_waits(self):
        with Broker() as broker:
            broker.create_topic("metered", 1)
            body = (int32(1) + int32(1) + text("client-id") + text("greedy") + int32(1) +
                    text("producer_byte_rate") + struct.pack(">d?", self.BYTES_PER_SECOND, False) +
                    struct.pack(">?", False))
            answer = broker.request(49, 0, body)
            self.assertEqual(struct.unpack_from(">h", answer, 8)[0], 0)
            broker.stop()
            broker.start()  # quotas stay

            def throttled_ms(client_id):
                producer = KafkaProducer(bootstrap_servers=broker.address, client_id=client_id,
                                         linger_ms=0, max_request_size=200_000)
                # In a window of ten seconds that is a second or two too much.
                producer.send("metered", b"x" * 60_000).get(30)
                producer.send("metered", b"x").get(30)
                throttle = producer.metrics()["producer-metrics"]["produce-throttle-time-max"]
                producer.close()
                return throttle

            self.assertGreater(throttled_ms("greedy"), 500)
            self.assertEqual(throttled_ms("modest"), 0)


def fetch_of(topic):
    """A Fetch of 8 MiB from the beginning of a topic's first partition, as version 4 has it."""
    body = (struct.pack(">iiiibi", -1, 0, 1, 8 << 20, 0, 1) + text(topic) +
            struct.pack(">iiqi", 1, 0, 0, 8 << 20))
    header = struct.pack(">hhi", 1, 4, 1) + text("slow")
    return struct.pack(">i", len(header) + len(body)) + header + body


def receive(connection):
    """The next response, whole."""
    def exactly(size):
        got = bytearray()
        while len(got) < size:
            some = connection.recv(size - len(got))
            assert some, "closed"
            got += some
        return bytes(got)
    return exactly(struct.unpack(">i", exactly(4))[0])


class Limits(unittest.TestCase):
    def test_connections_from_one_address_are_counted(self):
        class Few(Broker):
            def listen_flags(self):
                return [*super().listen_flags(), "--connections-per-address", "5"]

        with Few() as broker:
            held = [socket.create_connection(("127.0.0.1", broker.port), 10) for _ in range(5)]
            try:
                wait_until(lambda: not broker.answers_one(), "a sixth is refused")
            finally:
                for connection in held:
                    connection.close()
            wait_until(broker.answers_one, "there is room again")
            self.assertIn("as many from its address as may be", broker.log())

    def test_who_does_not_take_his_answers_costs_a_bounded_amount(self):
        with Broker() as broker:
            kcat("-b", broker.address, "-P", "-t", "small", text_in="x" * 50_000 + "\n")
            before = memory_kib(broker)
            with socket.create_connection(("127.0.0.1", broker.port), 10) as slow:
                slow.sendall(fetch_of("small") * 10_000)  # 500 MB of answers
                wait_until(lambda: memory_kib(broker) > before + (30 << 10), "answers pile up")
                round_trip(broker, "beside", [])
                # 64 MiB, the answer that passes it, and what AddressSanitizer keeps of the freed.
                self.assertLess(memory_kib(broker), before + (300 << 10))

    def test_who_takes_large_answers_late_costs_nothing_and_gets_them_whole(self):
        with Broker() as broker:
            kcat("-b", broker.address, "-P", "-t", "large", text_in=("x" * 500_000 + "\n") * 16)
            with socket.create_connection(("127.0.0.1", broker.port), 10) as slow:
                slow.sendall(fetch_of("large"))
                one = receive(slow)
                before = memory_kib(broker)
                slow.sendall(fetch_of("large") * 100)  # 800 MB of answers, each a place in a file
                round_trip(broker, "beside", [])
                self.assertLess(memory_kib(broker), before + (50 << 10))
                for _ in range(100):
                    self.assertEqual(receive(slow), one)

    def test_thousands_of_idle_clients_cost_little(self):
        with Broker() as broker:
            before = memory_kib(broker)
            held = [socket.create_connection(("127.0.0.1", broker.port), 10) for _ in range(2500)]
            try:
                wait_until(broker.answers_one, "it answers beside them")
                cost = (memory_kib(broker) - before) / len(held)
                print(f"{cost:.1f} KiB a connection")
                self.assertLess(cost, 60)  # AddressSanitizer's share included
            finally:
                for connection in held:
                    connection.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
