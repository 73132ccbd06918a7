"""What histories of clients and the log they left may not say (Jepsen's questions).

check() takes values alone and knows no broker, so that its test can show it every anomaly."""

import collections
import dataclasses


@dataclasses.dataclass
class Histories:
    """What each client said (client.py), in its order, and what a last reader found on a quiet broker."""

    senders: list  # of lists of events
    movers: list
    readers: list  # of (topic, isolation, list of events)
    # topic -> isolation -> {(partition, offset): value}
    last: dict
    sent_topic: str = "requests"
    moved_topic: str = "moved"


class Anomalies(collections.UserDict):
    """kind -> what was seen of it."""

    def note(self, kind, text):
        self.data.setdefault(kind, []).append(text)

    def __str__(self):
        return "\n".join(f"{kind}: {len(found)}; the first: {'; '.join(found[:5])}"
                         for kind, found in sorted(self.data.items()))


def check(histories):
    found = Anomalies()
    check_sent(histories, found)
    check_readers(histories, found)
    check_moved(histories, found)
    return found


def check_sent(histories, found):
    """lost, duplicated, invented, reordered, and acknowledged under another offset."""
    last = histories.last[histories.sent_topic]["read_uncommitted"]
    places = collections.defaultdict(list)
    for place, value in sorted(last.items()):
        places[value].append(place)
    sent = set()
    for events in histories.senders:
        for event in events:
            if "send" in event:
                sent.add(event["send"])
            elif "acked" in event:
                check_acked(event, places, found)
    for value, at in places.items():
        if len(at) > 1:
            found.note("duplicated", f"{value} at {at}")
        if value not in sent:
            found.note("invented", f"{value} at {at}")
    newest = {}
    for (partition, offset), value in sorted(last.items()):
        life, number = value.rsplit(":", 1)
        if newest.get((partition, life), -1) > int(number):
            found.note("reordered", f"{value} at {partition}/{offset} behind "
                                    f"{newest[partition, life]}")
        newest[partition, life] = max(int(number), newest.get((partition, life), -1))


def check_acked(event, places, found):
    value, place = event["acked"], (event["p"], event["o"])
    if value not in places:
        found.note("lost", f"{value}, acknowledged at {place}")
    elif place[1] >= 0 and place not in places[value]:
        # -1: the client was told that it is there (a duplicate), not where.
        found.note("offset mismatch", f"{value}, acknowledged at {place}, is at {places[value]}")


def check_readers(histories, found):
    """Every reader saw at an offset what is there at the end, each offset once and rising."""
    for topic, isolation, events in histories.readers:
        last = histories.last[topic][isolation]
        newest = {}
        for event in events:
            if "reset" in event:
                found.note("reader out of range", f"{topic} {isolation}: {event['reset']}")
                continue
            place = event["p"], event["o"]
            if last.get(place) != event["v"]:
                kind = "aborted read" if isolation == "read_committed" else "offset mismatch"
                found.note(kind, f"{topic} {isolation}: read {event['v']} at {place}, "
                                 f"where {last.get(place)} is")
            if event["o"] <= newest.get(event["p"], -1):
                found.note("read again", f"{topic} {isolation}: {place} behind "
                                         f"{newest[event['p']]}")
            newest[event["p"]] = event["o"]


def check_moved(histories, found):
    """Transactions whole or not at all, committed ones there, and each request moved exactly once."""
    committed = histories.last[histories.moved_topic]["read_committed"]
    counts = collections.Counter(committed.values())
    requests = set(histories.last[histories.sent_topic]["read_committed"].values())
    for value, count in counts.items():
        if count > 1:
            found.note("duplicated", f"{value} {count} times in {histories.moved_topic}")
        if value.endswith("!"):
            found.note("aborted read", f"{value} is committed")
    for events in histories.movers:
        check_transactions(events, counts, found)
    moved = collections.Counter(value.split(" ")[0] for value in committed.values()
                                if " - " in value)
    credited = collections.Counter(value.split(" ")[0] for value in committed.values()
                                   if " + " in value)
    for request in requests | set(moved) | set(credited):
        if request not in requests:
            found.note("invented", f"{request} was moved")
        if (moved[request], credited[request]) != (1, 1):
            found.note("not exactly once", f"{request}: taken {moved[request]} times, given "
                                           f"{credited[request]} times")


def check_transactions(events, counts, found):
    values = {}
    for event in events:
        if "begin" in event:
            values[event["begin"]] = event["values"]
        seen = [counts[value] for value in values.get(event.get("committed"), ())]
        if 0 in seen:
            found.note("lost", f"transaction {event['committed']}: {seen}")
        if any(counts[value] for value in values.get(event.get("aborted"), ())):
            found.note("aborted read", f"transaction {event['aborted']}")
    for transaction, written in values.items():
        if len({min(counts[value], 1) for value in written}) > 1:
            found.note("half transaction", transaction)
