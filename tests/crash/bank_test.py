"""Transfers between accounts by transactions, and a broker that is killed again and again in the midst of them:
after every life each transfer that is seen is whole, was made once, and the accounts add up.
TICKLAKE_BANK_KILLS says how often."""

import collections
import os
import tempfile
import unittest

from world import (PARTITIONS, Client, Faults, ProxiedBroker, read_to_end, seed_of_this_run,
                   wait_until)

KILLS = int(os.environ.get("TICKLAKE_BANK_KILLS", "20"))
ACCOUNTS = 10


def accounts_of(transfer):
    """(from, to, amount) that the number of a request stands for."""
    number = int(transfer.rsplit(":", 1)[1])
    return number % ACCOUNTS, (number * 7 + 1) % ACCOUNTS, 1 + number % 13


class BankTest(unittest.TestCase):
    """The requests are transfers (client.py's sender); a mover books each: `-` takes, `+` gives."""

    def setUp(self):
        seed = seed_of_this_run()
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="ticklake-bank-"))
        self.broker = self.enterContext(ProxiedBroker())
        self.kills = Faults(self.broker, seed, ("kill",), pause_s=(0.02, 0.6))
        for topic in ("requests", "moved"):
            self.broker.create_topic(topic, PARTITIONS, {"segment.bytes": "200000"})
        where = self.broker.bootstrap
        self.teller = Client(self.folder, "teller", "sender", where, "t", "requests", PARTITIONS)
        self.movers = [Client(self.folder, f"mover-{number}", "mover", where, f"m{number}",
                              "requests", "moved") for number in range(2)]
        self.addCleanup(self.kill_clients)

    def kill_clients(self):
        for client in (self.teller, *self.movers):
            if client.is_running():
                client.kill()

    def test_the_accounts_add_up_after_every_kill(self):
        wait_until(lambda: self.unbalanced() == {} and self.booked, "the first transfers")
        transfers = 0
        for life in range(KILLS):
            self.kills.one()
            # A marker stands in one partition before the other: a reader between them sees half.
            wait_until(lambda: self.unbalanced() == {}, f"balanced books after kill {life + 1}")
            self.assertGreaterEqual(len(self.booked), transfers)
            transfers = len(self.booked)
        self.teller.end()
        requests = set(read_to_end(self.broker, "read_uncommitted", "requests").values())
        wait_until(lambda: self.unbalanced() == {} and self.booked >= requests,
                   f"{len(requests)} transfers are booked", 120)
        for mover in self.movers:
            mover.end_or_kill()
        self.assertEqual(self.booked, requests)
        acknowledged = {event["acked"] for event in self.teller.history() if "acked" in event}
        self.assertEqual(acknowledged - requests, set())
        self.assertGreater(transfers, KILLS)
        print(f"{self.kills.count} kills, {len(requests)} transfers, "
              f"{len(acknowledged)} acknowledged", flush=True)

    def unbalanced(self):
        """The transfers that a reader of what is committed does not see once on each side, and the
        sum over all accounts if it is not zero."""
        balance = collections.Counter()
        sides = collections.defaultdict(list)
        for value in read_to_end(self.broker, "read_committed", "moved").values():
            transfer, sign, _ = value.split(" ")
            giver, taker, amount = accounts_of(transfer)
            balance[giver if sign == "-" else taker] += -amount if sign == "-" else amount
            sides[transfer].append(sign)
        self.booked = set(sides)
        wrong = {transfer: signs for transfer, signs in sides.items()
                 if sorted(signs) != ["+", "-"]}
        total = sum(balance.values())
        return wrong | ({"sum": total} if total else {})


if __name__ == "__main__":
    unittest.main(verbosity=2)
