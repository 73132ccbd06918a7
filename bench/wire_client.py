"""A client that costs next to nothing: its requests are made beforehand and its answers are not
decoded, so that the server is the limit.

usage: wire_client.py produce|fetch HOST:PORT TOPIC PARTITIONS MEGABYTES
Prints one JSON object: bytes of records, seconds, megabytes_per_second.
"""

import json
import socket
import struct
import sys
import threading
import time

import wire

MESSAGE_BYTES = 100
BATCH_BYTES = 16_384  # batch.size of Kafka's producer
IN_FLIGHT = 5  # max.in.flight.requests.per.connection of Kafka's producer
FETCH_BYTES_MAX = 52_428_800  # fetch.max.bytes of Kafka's consumer
PARTITION_BYTES_MAX = 1_048_576  # max.partition.fetch.bytes of Kafka's consumer


class Connection:
    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray(FETCH_BYTES_MAX + (1 << 20))

    def read(self):
        """The next answer without its size; valid until the next call."""
        size, = struct.unpack(">i", self._take(4))
        return self._take(size)

    def _take(self, size):
        view = memoryview(self.buffer)[:size]
        got = 0
        while got < size:
            count = self.socket.recv_into(view[got:], size - got)
            if count == 0:
                raise SystemExit("error: the server closed the connection")
            got += count
        return view


def check_produced(answer, topic, partitions):
    at = 4 + 4 + 2 + len(topic) + 4
    for _ in range(partitions):
        partition, error = struct.unpack_from(">ih", answer, at)
        if error != 0:
            raise SystemExit(f"error: partition {partition} answers {error}")
        at += 4 + 2 + 8 + 8


def produce(connection, topic, partitions, megabytes):
    batch = wire.batch_of(b"t" * MESSAGE_BYTES, BATCH_BYTES)
    request = wire.request(0, 3, wire.produce_request(topic, batch, partitions, acks=1))
    request_bytes = len(batch) * partitions
    count = megabytes * 1_000_000 // request_bytes
    free = threading.Semaphore(IN_FLIGHT)

    def read_answers():
        for _ in range(count):
            check_produced(connection.read(), topic, partitions)
            free.release()
    reader = threading.Thread(target=read_answers)
    began = time.monotonic()
    reader.start()
    for _ in range(count):
        free.acquire()
        connection.socket.sendall(request)
    reader.join()
    return count * request_bytes, time.monotonic() - began


def fetch_request(topic, offsets):
    body = struct.pack(">iiiib", -1, 500, 1, FETCH_BYTES_MAX, 0)
    body += struct.pack(">i", 1) + wire.text(topic) + struct.pack(">i", len(offsets))
    for partition, offset in offsets.items():
        body += struct.pack(">iqi", partition, offset, PARTITION_BYTES_MAX)
    return wire.request(1, 4, body)


def end_of(records, offset):
    """Behind the last whole batch; where that is none, `offset`."""
    at = 0
    while at + 61 <= len(records):
        base, length = struct.unpack_from(">qi", records, at)
        if at + 12 + length > len(records):
            break
        offset = base + struct.unpack_from(">i", records, at + 23)[0] + 1
        at += 12 + length
    return offset


def fetch(connection, topic, partitions, megabytes):
    """From the beginning, one request after the other as consumers do it."""
    offsets = dict.fromkeys(range(partitions), 0)
    total = 0
    began = time.monotonic()
    # What was produced is a little less than asked for.
    while total < megabytes * 990_000:
        connection.socket.sendall(fetch_request(topic, offsets))
        answer = connection.read()
        at = 4 + 4 + 4 + 2 + len(topic) + 4
        for _ in range(partitions):
            partition, error, _, _, aborted = struct.unpack_from(">ihqqi", answer, at)
            at += 26 + 16 * max(aborted, 0)
            size, = struct.unpack_from(">i", answer, at)
            at += 4
            if error != 0:
                raise SystemExit(f"error: partition {partition} answers {error}")
            offsets[partition] = end_of(answer[at:at + size], offsets[partition])
            at += size
            total += size
    return total, time.monotonic() - began


def main():
    what, address, topic, partitions, megabytes = sys.argv[1:]
    done = {"produce": produce, "fetch": fetch}[what]
    total, seconds = done(Connection(address), topic, int(partitions), int(megabytes))
    print(json.dumps({"bytes": total, "seconds": seconds,
                      "megabytes_per_second": total / 1e6 / seconds}))


if __name__ == "__main__":
    main()
