"""The checker finds each kind of anomaly, and nothing where there is none."""

import copy
import unittest

from checker import Histories, check


def sound():
    requests = {(0, 0): "a.0:0", (1, 0): "a.0:1", (0, 1): "a.0:2"}
    moved = {(0, 0): "a.0:0 - m:1", (1, 0): "a.0:0 + m:1", (0, 2): "a.0:1 - m:2",
             (1, 2): "a.0:1 + m:2", (0, 3): "a.0:2 - m:2", (1, 3): "a.0:2 + m:2"}
    vain = ["a.0:1 - m:9!", "a.0:1 + m:9!"]
    return Histories(
        senders=[[{"send": "a.0:0", "p": 0}, {"send": "a.0:1", "p": 1}, {"send": "a.0:2", "p": 0},
                  {"acked": "a.0:0", "p": 0, "o": 0}, {"acked": "a.0:1", "p": 1, "o": 0},
                  {"acked": "a.0:2", "p": 0, "o": -1}]],
        movers=[[{"begin": "m:1", "values": [moved[0, 0], moved[1, 0]]}, {"committed": "m:1"},
                 {"begin": "m:9", "values": vain}, {"aborted": "m:9"},
                 {"begin": "m:2", "values": [moved[0, 2], moved[1, 2], moved[0, 3], moved[1, 3]]}]],
        readers=[("requests", "read_uncommitted",
                  [{"p": 0, "o": 0, "v": "a.0:0"}, {"p": 0, "o": 1, "v": "a.0:2"}]),
                 ("moved", "read_committed", [{"p": 0, "o": 2, "v": "a.0:1 - m:2"}])],
        last={"requests": {"read_uncommitted": dict(requests), "read_committed": dict(requests)},
              "moved": {"read_committed": moved}})


class CheckerTest(unittest.TestCase):
    def setUp(self):
        self.histories = copy.deepcopy(sound())
        self.requests = self.histories.last["requests"]["read_uncommitted"]
        self.moved = self.histories.last["moved"]["read_committed"]

    def expect(self, *kinds):
        self.assertEqual(sorted(check(self.histories)), sorted(kinds))

    def test_sound_histories_have_no_anomaly(self):
        self.expect()

    def test_lost(self):
        del self.requests[1, 0]
        self.expect("lost")

    def test_duplicated(self):
        self.requests[1, 1] = "a.0:1"
        self.expect("duplicated")

    def test_reordered(self):
        self.histories.senders[0][5]["o"] = 0
        self.histories.senders[0][3]["o"] = 1
        self.requests[0, 0], self.requests[0, 1] = self.requests[0, 1], self.requests[0, 0]
        self.histories.readers.clear()
        self.expect("reordered")

    def test_invented(self):
        self.requests[1, 1] = "b.0:1"
        self.expect("invented")

    def test_acknowledged_under_another_offset(self):
        self.histories.senders[0][3]["o"] = 7
        self.expect("offset mismatch")

    def test_read_what_is_not_there(self):
        self.histories.readers[0][2][0]["v"] = "a.0:9"
        self.expect("offset mismatch")

    def test_read_again(self):
        self.histories.readers[0][2].append({"p": 0, "o": 0, "v": "a.0:0"})
        self.expect("read again")

    def test_reader_out_of_range(self):
        self.histories.readers[0][2].append({"reset": "out of range"})
        self.expect("reader out of range")

    def test_aborted_read(self):
        self.histories.readers[1][2].append({"p": 1, "o": 4, "v": "a.0:1 + m:9!"})
        self.expect("aborted read")

    def test_aborted_transaction_that_is_there(self):
        self.moved[0, 9], self.moved[1, 9] = "a.0:1 - m:9!", "a.0:1 + m:9!"
        self.expect("aborted read", "not exactly once")

    def test_half_transaction(self):
        del self.moved[1, 3]
        self.expect("half transaction", "not exactly once")

    def test_lost_transaction(self):
        del self.moved[0, 0], self.moved[1, 0]
        self.expect("lost", "not exactly once")

    def test_moved_twice(self):
        self.moved[0, 8], self.moved[1, 8] = "a.0:0 - m:8", "a.0:0 + m:8"
        self.expect("not exactly once")


if __name__ == "__main__":
    unittest.main(verbosity=2)
