"""Transactions in Kafka's own bytes: what no client shows, such as the errors of each version, last
stable offsets and aborted lists, unstable offsets, and what administrators are told."""

import struct
import threading
import time
import unittest

from kafka.record.default_records import DefaultRecordBatchBuilder

from broker import Broker, text, wait_until

# A record of long ago would not share a segment with its marker.
NOW_MS = int(time.time() * 1000)

NONE, INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE, INVALID_TRANSACTION_TIMEOUT = 0, 47, 48, 50
CONCURRENT_TRANSACTIONS, ID_AUTHORIZATION_FAILED, INVALID_RECORD = 51, 53, 87
UNSTABLE_OFFSET_COMMIT, PRODUCER_FENCED, ID_NOT_FOUND = 88, 90, 105
UNKNOWN_TOPIC_OR_PARTITION, OPERATION_NOT_ATTEMPTED, TOPIC_AUTHORIZATION_FAILED = 3, 55, 29
READ_UNCOMMITTED, READ_COMMITTED = 0, 1


def compact(value):
    return bytes([len(value) + 1]) + value.encode()


class Reader:
    def __init__(self, content):
        self.content, self.position = content, 0

    def take(self, layout):
        values = struct.unpack_from(">" + layout, self.content, self.position)
        self.position += struct.calcsize(">" + layout)
        return values[0] if len(values) == 1 else values

    def text(self):
        return self.bytes(self.take("h")).decode()

    def compact(self):
        return self.bytes(self.take("B") - 1).decode()

    def bytes(self, size):
        self.position += max(size, 0)
        return self.content[self.position - max(size, 0):self.position]

    def list(self, one, layout="i"):
        return [one() for _ in range(self.take(layout))]

    def compact_list(self, one):
        return [one() for _ in range(self.take("B") - 1)]


def batch(producer, sequence, is_transactional=True, is_control=False):
    class Builder(DefaultRecordBatchBuilder):
        def _get_attributes(self, include_compression_type=True):
            return super()._get_attributes(include_compression_type) | (0x20 if is_control else 0)

    builder = Builder(2, 0, is_transactional, producer[0], producer[1], sequence, 1 << 20)
    builder.append(0, NOW_MS, b"key", b"value", [])
    return bytes(builder.build())


class Wire:
    """What producers, readers and administrators ask; ("ticks", 0) throughout."""

    def __init__(self, broker):
        self.broker = broker

    def flexible(self, key, version, body):
        header = b"\0"  # no tagged fields: the request's header of version 2
        answer = self.broker.request(key, version, header + body)
        return Reader(answer[1:])

    def plain(self, key, version, body):
        return Reader(self.broker.request(key, version, body))

    def init(self, version=1, timeout=60000, former=None):
        if version == 1:
            answer = self.plain(22, 1, text("pipe") + struct.pack(">i", timeout))
        else:
            former = former or (-1, -1)
            answer = self.flexible(22, version, compact("pipe") + struct.pack(
                ">iqhB", timeout, *former, 0))
        _, error, producer_id, epoch = answer.take("ihqh")
        return error, (producer_id, epoch)

    def add(self, producer, topics=("ticks",)):
        body = text("pipe") + struct.pack(">qhi", *producer, len(topics))
        for topic in topics:
            body += text(topic) + struct.pack(">ii", 1, 0)
        answer = self.plain(24, 2, body)
        answer.take("i")
        return [errors[0] for errors in answer.list(
            lambda: (answer.text(), answer.list(lambda: answer.take("ih")[1]))[1])]

    def add_offsets(self, producer):
        answer = self.plain(25, 2, text("pipe") + struct.pack(">qh", *producer) + text("readers"))
        return answer.take("ih")[1]

    def end(self, producer, is_commit, version=2):
        answer = self.plain(26, version, text("pipe") + struct.pack(">qh?", *producer, is_commit))
        return answer.take("ih")[1]

    def produce(self, records, transactional_id="pipe"):
        named = struct.pack(">h", -1) if transactional_id is None else text(transactional_id)
        answer = self.plain(0, 7, named + struct.pack(">hii", -1, 10000, 1) + text("ticks")
                            + struct.pack(">iii", 1, 0, len(records)) + records)
        answer.take("i"), answer.text(), answer.take("i")
        return answer.take("ihqqq")[1]

    def commit_offset(self, producer, offset):
        body = (text("pipe") + text("readers") + struct.pack(">qhi", *producer, 1) + text("ticks")
                + struct.pack(">iiqih", 1, 0, offset, -1, -1))
        answer = self.plain(28, 2, body)
        answer.take("ii"), answer.text(), answer.take("i")
        return answer.take("ih")[1]

    def stable_offset(self):
        """(error, offset)"""
        body = (compact("readers") + b"\2" + compact("ticks") + struct.pack(">Bi", 2, 0) + b"\0"
                + b"\1\0")
        answer = self.flexible(9, 7, body)
        answer.take("iB"), answer.compact(), answer.take("B")
        _, offset, _ = answer.take("iqi")
        answer.compact()
        return answer.take("h"), offset

    def fetch(self, offset, isolation, wait_ms=0, min_bytes=0):
        """(last stable offset, first offsets of aborted transactions or None, bytes of records)"""
        answer = self.plain(1, 4, struct.pack(">iiiibi", -1, wait_ms, min_bytes, 1 << 20, isolation, 1)
                            + text("ticks") + struct.pack(">iiqi", 1, 0, offset, 1 << 20))
        answer.take("ii"), answer.text(), answer.take("i")
        _, error, _, stable = answer.take("ihqq")
        assert error == NONE, error
        count = answer.take("i")
        aborted = None if count < 0 else [answer.take("qq")[1] for _ in range(count)]
        return stable, aborted, answer.take("i")

    def latest(self, isolation):
        answer = self.plain(2, 2, struct.pack(">ibi", -1, isolation, 1) + text("ticks")
                            + struct.pack(">iiq", 1, 0, -1))
        answer.take("ii"), answer.text(), answer.take("i")
        return answer.take("ihqq")[3]

    def producers(self):
        """(id, epoch, last sequence, last timestamp, coordinator epoch, first open offset) each"""
        answer = self.flexible(61, 0, b"\2" + compact("ticks") + struct.pack(">Bi", 2, 0) + b"\0\0")

        def producer():
            return (answer.take("qiiqiq"), answer.take("B"))[0]

        answer.take("iB"), answer.compact(), answer.take("BihB")
        return answer.compact_list(producer)

    def describe(self, transactional_id):
        """(error, state, producer id, epoch, topics)"""
        answer = self.flexible(65, 0, b"\2" + compact(transactional_id) + b"\0")
        _, _, error = answer.take("iBh")
        answer.compact()
        state = answer.compact()
        _, _, producer_id, epoch = answer.take("iqqh")
        topics = answer.compact_list(lambda: (
            answer.compact(), answer.compact_list(lambda: answer.take("i")), answer.take("B"))[:2])
        return error, state, producer_id, epoch, topics

    def list(self, states=()):
        """(unknown states, [(transactional id, state)])"""
        filters = bytes([len(states) + 1]) + b"".join(map(compact, states))
        answer = self.flexible(66, 1, filters + b"\1" + struct.pack(">q", -1) + b"\0")
        answer.take("ih")
        unknown = answer.compact_list(answer.compact)
        found = answer.compact_list(lambda: (
            answer.compact(), answer.take("q"), answer.compact(), answer.take("B")))
        return unknown, [(one[0], one[2]) for one in found]


class Transactions(unittest.TestCase):
    def setUp(self):
        self.broker = Broker().__enter__()
        self.addCleanup(self.broker.__exit__)
        self.broker.create_topic("ticks", 1)
        self.wire = Wire(self.broker)

    def test_a_batch_outside_of_a_transaction_is_refused(self):
        wire = self.wire
        _, producer = wire.init()
        self.assertEqual(wire.produce(batch(producer, 0)), INVALID_TXN_STATE)
        self.assertEqual(wire.produce(batch(producer, 0), None), ID_AUTHORIZATION_FAILED)
        self.assertEqual(wire.add(producer), [NONE])
        self.assertEqual(wire.produce(batch(producer, 0, is_control=True)), INVALID_RECORD)
        self.assertEqual(wire.produce(batch(producer, 0)), NONE)
        self.assertEqual(wire.produce(batch(producer, 1, False)), INVALID_TXN_STATE)
        self.assertEqual(wire.end(producer, True), NONE)
        self.assertEqual(wire.produce(batch(producer, 1)), INVALID_TXN_STATE)

    def test_partitions_are_added_all_or_none(self):
        _, producer = self.wire.init()
        self.assertEqual(self.wire.add(producer, ("ticks", "none")),
                         [OPERATION_NOT_ATTEMPTED, UNKNOWN_TOPIC_OR_PARTITION])
        self.assertEqual(self.wire.add(producer, ("__consumer_offsets", "ticks")),
                         [TOPIC_AUTHORIZATION_FAILED, OPERATION_NOT_ATTEMPTED])
        self.assertEqual(self.wire.produce(batch(producer, 0)), INVALID_TXN_STATE)

    def test_a_fenced_producer_is_told_so_in_the_words_of_its_version(self):
        wire = self.wire
        _, old = wire.init()
        wire.add(old)
        self.assertEqual(wire.init()[0], CONCURRENT_TRANSACTIONS)
        error, now = wire.init()
        self.assertEqual((error, now), (NONE, (old[0], old[1] + 2)))
        self.assertEqual(wire.end(old, True, 1), INVALID_PRODUCER_EPOCH)
        self.assertEqual(wire.end(old, True, 2), PRODUCER_FENCED)
        self.assertEqual(wire.add(old), [PRODUCER_FENCED])
        self.assertEqual(wire.produce(batch(old, 0)), INVALID_PRODUCER_EPOCH)
        self.assertEqual(wire.init(3, former=old)[0], INVALID_PRODUCER_EPOCH)
        self.assertEqual(wire.init(4, former=old)[0], PRODUCER_FENCED)
        self.assertEqual(wire.init(4, former=now), (NONE, (now[0], now[1] + 1)))
        self.assertEqual(wire.init(1, 15 * 60000 + 1)[0], INVALID_TRANSACTION_TIMEOUT)

    def test_readers_see_the_last_stable_offset_and_what_was_aborted(self):
        wire = self.wire
        _, producer = wire.init()
        for sequence, is_commit in enumerate((True, False)):
            wire.add(producer)
            wire.produce(batch(producer, sequence))
            self.assertEqual(wire.end(producer, is_commit), NONE)
        wire.add(producer)
        wire.produce(batch(producer, 2))
        whole = wire.fetch(0, READ_UNCOMMITTED)
        stable = wire.fetch(0, READ_COMMITTED)
        self.assertEqual(whole[:2], (4, None))
        self.assertEqual(stable[:2], (4, [2]))
        self.assertEqual(whole[2] - stable[2], len(batch(producer, 2)))
        self.assertEqual(wire.fetch(4, READ_COMMITTED), (4, [], 0))
        self.assertEqual((wire.latest(READ_UNCOMMITTED), wire.latest(READ_COMMITTED)), (5, 4))

    def test_a_waiting_read_committed_fetch_is_woken_by_the_commit_and_not_before(self):
        wire = self.wire
        _, producer = wire.init()
        wire.add(producer)
        answers = []
        waiting = threading.Thread(
            target=lambda: answers.append(wire.fetch(0, READ_COMMITTED, 9000, 1)))
        waiting.start()
        wire.produce(batch(producer, 0))
        wait_until(lambda: wire.fetch(0, READ_UNCOMMITTED)[2] > 0, "the record is there")
        self.assertEqual(wire.fetch(0, READ_COMMITTED, 200, 1)[2], 0)
        self.assertEqual(answers, [])
        self.assertEqual(wire.end(producer, True), NONE)
        waiting.join()
        self.assertEqual(answers[0][:2], (2, []))
        self.assertGreater(answers[0][2], 0)

    def test_offsets_are_unstable_until_the_transaction_ends(self):
        wire = self.wire
        _, producer = wire.init()
        self.assertEqual(wire.commit_offset(producer, 7), INVALID_TXN_STATE)
        for is_commit, expected in ((False, -1), (True, 7)):
            self.assertEqual(wire.add_offsets(producer), NONE)
            self.assertEqual(wire.commit_offset(producer, 7), NONE)
            self.assertEqual(wire.stable_offset(), (UNSTABLE_OFFSET_COMMIT, -1))
            self.assertEqual(wire.end(producer, is_commit), NONE)
            self.assertEqual(wire.stable_offset(), (NONE, expected))

    def test_a_transaction_that_takes_too_long_is_aborted_and_its_producer_fenced(self):
        wire = self.wire
        _, producer = wire.init(timeout=300)
        wire.add(producer)
        wire.add_offsets(producer)
        wire.produce(batch(producer, 0))
        wire.commit_offset(producer, 7)
        wait_until(lambda: wire.describe("pipe")[1] == "CompleteAbort", "it is aborted")
        self.assertEqual(wire.fetch(0, READ_COMMITTED)[:2], (2, [0]))
        self.assertEqual(wire.stable_offset(), (NONE, -1))
        self.assertEqual(wire.end(producer, True), PRODUCER_FENCED)
        self.assertEqual(wire.produce(batch(producer, 1)), INVALID_PRODUCER_EPOCH)

    def test_administrators_see_what_is_open_also_after_a_crash(self):
        wire = self.wire
        _, producer = wire.init()
        wire.add(producer)
        wire.produce(batch(producer, 0))
        for _ in range(2):
            self.assertEqual(wire.producers(), [(producer[0], producer[1], 0, NOW_MS, -1, 0)])
            self.assertEqual(wire.describe("pipe"),
                             (NONE, "Ongoing", *producer, [("ticks", [0])]))
            self.assertEqual(wire.list(["Ongoing", "Odd"]), (["Odd"], [("pipe", "Ongoing")]))
            self.broker.stop(9)
            self.broker.start()
        self.assertEqual(wire.end(producer, False), NONE)
        self.assertEqual(wire.describe("pipe")[1], "CompleteAbort")
        self.assertEqual(wire.describe("none")[0], ID_NOT_FOUND)
        self.assertEqual(wire.list(["Ongoing"]), ([], []))
        self.assertEqual(wire.producers()[0][5], -1)


if __name__ == "__main__":
    unittest.main()
