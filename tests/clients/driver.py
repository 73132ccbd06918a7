"""A client under test in a process of its own: its driver, a small program in its language.

A driver is started as `DRIVER ROLE NAME=VALUE…` and talks in lines of fields that tabs part. What
it is told comes on its standard input, whose end tells it to stop in good order (leave the group,
close the client, exit with 0). What it prints:

  ok[\\tFIELD…]     the answer to the last command that has one
  error\\tTEXT       the same, when the client reported an error
  others            events: what happened, in its order

Settings of every role: bootstrap=HOST:PORT, security=plaintext|sasl_ssl and with the latter
mechanism, user, password, ca (a file in PEM).

  producer   codec=none|gzip|snappy|lz4|zstd, and id=… for one with transactions
             send TOPIC PARTITION KEY VALUE (-1: the client's choice; not answered), flush,
             begin, commit, abort
  member     group=… topic=… [stop_after=N] [protocol=classic|consumer]: commits each record by
             itself, then prints `committed VALUE`; after each assignment `owned COUNT`. A record
             whose commit failed is not printed: whoever has the partition then reads it again.
             After N records it stays in the group and processes no more.
  reader     topic=… isolation=committed|uncommitted: from the beginning, `value VALUE` for each
  pipe       id=… group=… input=… output=…: copies records ten at a time, each as `bar of VALUE`,
             with their offsets in a transaction; `transaction` for each. Exits with 1 on an error.
  admin      the commands in promises.py
"""

import subprocess
import tempfile
import threading

from broker import wait_until


class DriverError(Exception):
    """What the client said about a command that it could not carry out."""


class Driver:
    def __init__(self, command, role, **settings):
        self.name = f"{command[-1]} {role}"
        self.messages = tempfile.TemporaryFile(mode="w+", errors="replace")
        arguments = [f"{name}={value}" for name, value in settings.items() if value is not None]
        self.process = subprocess.Popen(
            [*command, role, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.messages, text=True)
        self.answers = []
        self.events = []  # each a list of fields; only ever grows
        self.asked = 0
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            fields = line.rstrip("\n").split("\t")
            (self.answers if fields[0] in ("ok", "error") else self.events).append(fields)

    def tell(self, *fields):
        self.tell_all([fields])

    def tell_all(self, commands):
        """Several commands in one write; a driver that is gone shows when it is asked."""
        try:
            self.process.stdin.write("".join(
                "\t".join(str(field) for field in fields) + "\n" for fields in commands))
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def ask(self, *fields, seconds=60):
        """The fields of the answer to one command."""
        self.tell(*fields)
        self.asked += 1
        self.wait_for(lambda: len(self.answers) >= self.asked, f"an answer to {fields}", seconds)
        answer = self.answers[self.asked - 1]
        if answer[0] == "error":
            raise DriverError(f"{fields}: {' '.join(answer[1:])}")
        return answer[1:]

    def seen(self, event):
        """The first field of each such event so far."""
        return [fields[1] for fields in list(self.events) if fields[0] == event]

    def owned(self):
        """How many partitions the last assignment left to a member."""
        return int((self.seen("owned") or [0])[-1])

    def wait_for(self, condition, what, seconds=60):
        def is_there():
            if condition():
                return True
            if self.process.poll() is not None:
                self.reader.join()
                if not condition():
                    raise AssertionError(f"{self.name} ended with {self.process.returncode} "
                                         f"before: {what}\n{self.complaints()}")
                return True
            return False

        try:
            wait_until(is_there, f"{self.name}: {what}", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.complaints()}") from None

    def complaints(self):
        self.messages.seek(0)
        return self.messages.read()[-4000:] + f"last events: {self.events[-5:]}"

    def end(self, seconds=60):
        """Ends it in good order; its exit code."""
        if not self.process.stdin.closed:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass
        return self._wait(seconds)

    def leave(self):
        code = self.end()
        if code != 0:
            raise AssertionError(f"{self.name} ended with {code}:\n{self.complaints()}")

    def kill(self):
        """For the end of a test: gone, whatever it is at."""
        if self.process.poll() is None:
            self.process.kill()
        self.end()
        self.process.stdout.close()
        self.messages.close()

    def _wait(self, seconds):
        try:
            code = self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} does not end:\n{self.complaints()}") from None
        self.reader.join()
        return code
