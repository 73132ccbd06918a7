"""A producer that knows what was acknowledged, and watchers of SQL and of the page's stream that
know how long nothing new came."""

import json
import threading
import time
import urllib.error
import urllib.request

from confluent_kafka import Producer


class Load(threading.Thread):
    """Records {"id": n, …} at a rate, acks=all and idempotent, until it is told to stop."""

    SYMBOLS = 50

    def __init__(self, brokers, topic, rate):
        super().__init__(daemon=True)
        self.topic, self.rate = topic, rate
        self.sent = 0
        self.acknowledged = set()
        self.failures = []
        self.slowest_s = 0.0
        self._stopping = threading.Event()
        self._producer = Producer({"bootstrap.servers": brokers, "acks": "all",
                                   "enable.idempotence": True, "linger.ms": 5,
                                   "message.timeout.ms": 0, "log_level": 0,
                                   "queue.buffering.max.messages": 2_000_000})

    def run(self):
        began = time.monotonic()
        while not self._stopping.is_set():
            due = int((time.monotonic() - began) * self.rate)
            while self.sent < due:
                self._send()
            self._producer.poll(0.005)

    def _send(self):
        self.sent += 1
        number, at = self.sent, time.monotonic()
        symbol = f"S{number % self.SYMBOLS}"
        record = {"id": number, "symbol": symbol, "price": 100 + number % 1000 / 100,
                  "event_time": time.time_ns() // 1000}
        self._producer.produce(
            self.topic, json.dumps(record), symbol,
            on_delivery=lambda error, _: self._delivered(number, at, error))

    def _delivered(self, number, at, error):
        if error is not None:
            self.failures.append(f"{number}: {error}")
            return
        self.acknowledged.add(number)
        self.slowest_s = max(self.slowest_s, time.monotonic() - at)

    def finish(self):
        """Stops and waits until every record is acknowledged."""
        self._stopping.set()
        self.join(60)
        left = self._producer.flush(120)
        if left or self.failures:
            raise AssertionError(f"{left} records not acknowledged, {self.failures[:3]}")


class Watcher(threading.Thread):
    """Looks again and again; keeps each failure and the longest time without anything new."""

    def __init__(self):
        super().__init__(daemon=True)
        self.looks = 0
        self.failures = []
        self.slowest_s = 0.0
        self.gaps = []  # (seconds, when it ended), of more than a second
        self._began = time.monotonic()
        self._grew = None
        self._stopping = threading.Event()

    def grew(self):
        now = time.monotonic()
        if self._grew is not None and now - self._grew > 1:
            self.gaps.append((round(now - self._grew, 2), round(now - self._began, 1)))
        self._grew = now

    def forget(self):
        """What follows is expected to stop it for a while."""
        self._grew = None

    def longest_s(self):
        return max((seconds for seconds, _ in self.gaps), default=1.0)

    def finish(self):
        self.grew()
        self._stopping.set()
        self.join(60)


class SqlWatcher(Watcher):
    """Counts the rows of a table every half second; the count may not fall."""

    def __init__(self, pipeline, table):
        super().__init__()
        self.pipeline, self.table = pipeline, table
        self.count = 0

    def run(self):
        while not self._stopping.wait(0.5):
            began = time.monotonic()
            try:
                count = self.pipeline.value(f"SELECT count(*) FROM {self.table}")
            except (AssertionError, OSError) as error:
                self.failures.append(f"{type(error).__name__}: {error}")
                continue
            self.looks += 1
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
            if count < self.count:
                self.failures.append(f"{count} rows after {self.count}")
            if count > self.count:
                self.grew()
            self.count = count


class StreamWatcher(Watcher):
    """Reads the events that the page reads: `ticks` of a table, and `status`."""

    def __init__(self, pipeline, table):
        super().__init__()
        self.url = f"{pipeline.url}/api/events?table={table}"
        self.status = {}

    def run(self):
        try:
            with urllib.request.urlopen(self.url, timeout=30) as stream:
                self._read(stream)
        except (OSError, urllib.error.URLError) as error:
            if not self._stopping.is_set():
                self.failures.append(f"{type(error).__name__}: {error}")

    def _read(self, stream):
        event = ""
        for line in stream:
            if self._stopping.is_set():
                return
            if line.startswith(b"event:"):
                event = line[6:].strip().decode()
            elif line.startswith(b"data:") and event == "ticks":
                self.looks += 1
                if json.loads(line[5:])["rows"]:
                    self.grew()
            elif line.startswith(b"data:") and event == "status":
                self.status = json.loads(line[5:])
