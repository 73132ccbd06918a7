"""Jepsen's questions, asked of the real broker with real clients under kill -9, SIGSTOP and connections that are
cut: nothing acknowledged is lost, doubled, reordered or found under another offset, and no reader sees what was
aborted. TICKLAKE_HISTORIES_SECONDS says for how long, TICKLAKE_FAULTS which faults (kill,stop,cut,cut some)."""

import os
import shutil
import tempfile
import time
import unittest

from checker import Histories, check
from world import (PARTITIONS, Client, Faults, ProxiedBroker, read_to_end, seed_of_this_run,
                   wait_until)

SECONDS = float(os.environ.get("TICKLAKE_HISTORIES_SECONDS", "30"))
ROUND_S = 60  # a broker and its clients live that long, so that an hour's histories fit in memory
KINDS = tuple(os.environ.get("TICKLAKE_FAULTS", ",".join(Faults.KINDS)).split(","))


class Round:
    def __init__(self, broker, folder, seed):
        self.broker, self.folder = broker, folder
        self.faults = Faults(broker, seed, KINDS)
        for topic in ("requests", "moved"):
            broker.create_topic(topic, PARTITIONS, {"segment.bytes": "1000000"})
        where = broker.bootstrap
        self.senders = [Client(folder, name, "sender", where, name, "requests", PARTITIONS)
                        for name in ("a", "b")]
        self.movers = [self.mover(0), self.mover(1)]
        self.readers = [
            (topic, isolation, Client(folder, f"reader-{topic}-{isolation}", "reader", where,
                                      isolation, topic, PARTITIONS))
            for topic, isolation in (("requests", "read_uncommitted"),
                                     ("moved", "read_committed"), ("moved", "read_uncommitted"))]

    def mover(self, number):
        return Client(self.folder, f"mover-{number}", "mover", self.broker.bootstrap,
                      f"m{number}", "requests", "moved")

    def run(self, seconds):
        self.faults.run_for(seconds)
        # No more faults: what is under way comes to its end.
        for sender in self.senders:
            sender.end()
        requests = len(read_to_end(self.broker, "read_uncommitted", "requests"))
        wait_until(lambda: self.moved() >= 2 * requests, f"{requests} requests are moved", 240)
        time_for_more = time.monotonic() + 1  # a request that is moved twice shows late
        while time.monotonic() < time_for_more:
            self.moved()
        for mover in self.movers:
            mover.end_or_kill()
        last = {topic: {isolation: read_to_end(self.broker, isolation, topic)
                        for isolation in ("read_uncommitted", "read_committed")}
                for topic in ("requests", "moved")}
        for _, _, reader in self.readers:
            reader.end()
        return Histories([one.history() for one in self.senders],
                         [one.history() for one in self.movers],
                         [(topic, isolation, one.history())
                          for topic, isolation, one in self.readers], last)

    def moved(self):
        return len(read_to_end(self.broker, "read_committed", "moved"))

    def kill_clients(self):
        for client in (*self.senders, *self.movers, *(reader for _, _, reader in self.readers)):
            if client.is_running():
                client.kill()


class HistoriesTest(unittest.TestCase):
    def test_no_anomaly_under_faults(self):
        seed = seed_of_this_run()
        until = time.monotonic() + SECONDS
        number = 0
        while number == 0 or time.monotonic() < until:
            self.run_round(seed + number, min(ROUND_S, max(until - time.monotonic(), 5)))
            number += 1

    def run_round(self, seed, seconds):
        folder = tempfile.mkdtemp(prefix="ticklake-histories-")
        with ProxiedBroker() as broker:
            a_round = Round(broker, folder, seed)
            try:
                histories = a_round.run(seconds)
            except BaseException:
                print(f"the histories are in {folder}", flush=True)
                print(broker.log()[-4000:], flush=True)
                raise
            finally:
                a_round.kill_clients()
            found = check(histories)
            acknowledged = sum(1 for events in histories.senders for event in events
                               if "acked" in event)
            committed = sum(1 for events in histories.movers for event in events
                            if "committed" in event)
            print(f"seed {seed}: {a_round.faults.count} faults, {acknowledged} records and "
                  f"{committed} transactions acknowledged; "
                  f"{len(found)} kinds of anomalies", flush=True)
            if found:
                shutil.copytree(broker.data, f"{folder}/data")
                self.fail(f"seed {seed}, histories in {folder}:\n{found}")
        self.assertGreater(acknowledged, 100)
        self.assertGreater(committed, 10)
        shutil.rmtree(folder)


if __name__ == "__main__":
    unittest.main(verbosity=2)
