"""The few Kafka requests that measures make themselves, in Kafka's own bytes: what a client library
does before its first request would be measured too."""

import socket
import struct
import time


def text(value):
    encoded = value.encode()
    return struct.pack(">h", len(encoded)) + encoded


def request(api_key, version, body):
    """A whole request with its size; `version` has no tagged fields."""
    header = struct.pack(">hhi", api_key, version, 1) + text("bench")
    return struct.pack(">i", len(header) + len(body)) + header + body


def ask(address, api_key, version, body, timeout_s=30):
    """One request on a connection of its own; the body of its response."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=timeout_s) as connection:
        connection.sendall(request(api_key, version, body))
        with connection.makefile("rb") as stream:
            size = stream.read(4)
            if len(size) < 4:
                raise ConnectionError("the server closed the connection")
            return stream.read(struct.unpack(">i", size)[0])[4:]


def create_topic(address, name, partitions=1, configs=()):
    """CreateTopics version 2; `configs` are pairs."""
    body = struct.pack(">i", 1) + text(name) + struct.pack(">ihi", partitions, 1, 0)
    body += struct.pack(">i", len(configs))
    body += b"".join(text(key) + text(value) for key, value in configs)
    answer = ask(address, 19, 2, body + struct.pack(">i?", 30_000, False))
    error, = struct.unpack_from(">h", answer, 8 + 2 + len(name.encode()))
    if error != 0:
        raise SystemExit(f"error: cannot create topic {name}: error {error}")


def delete_topic(address, name):
    """DeleteTopics version 1, so that what was measured does not fill the disk."""
    ask(address, 20, 1, struct.pack(">i", 1) + text(name) + struct.pack(">i", 30_000))


def _crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def _varint(number):
    """A zigzag varint of what is not negative."""
    number <<= 1
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def batch_of(value, bytes_max=0):
    """A batch of as many records with that value and no key as fit into `bytes_max`; at least one."""
    now_ms = int(time.time() * 1000)
    records = b""
    count = 0
    while True:
        record = bytes([0, 0]) + _varint(count) + bytes([1]) + _varint(len(value)) + value
        record = _varint(len(record) + 1) + record + bytes([0])
        if count > 0 and 61 + len(records) + len(record) > bytes_max:
            break
        records += record
        count += 1
    checked = struct.pack(">hiqqqhii", 0, count - 1, now_ms, now_ms, -1, -1, -1, count) + records
    tail = struct.pack(">ibI", -1, 2, _crc32c(checked)) + checked
    return struct.pack(">qi", 0, len(tail)) + tail


def produce_request(topic, batch, partitions=1, acks=-1):
    """Produce version 3: the same batch for each partition."""
    body = struct.pack(">hhii", -1, acks, 30_000, 1) + text(topic) + struct.pack(">i", partitions)
    for partition in range(partitions):
        body += struct.pack(">ii", partition, len(batch)) + batch
    return body


def produce_one(address, topic):
    """Whether a record was acknowledged with acks=all."""
    answer = ask(address, 0, 3, produce_request(topic, batch_of(b"tick")))
    error, = struct.unpack_from(">h", answer, 4 + 2 + len(topic.encode()) + 4 + 4)
    return error == 0
