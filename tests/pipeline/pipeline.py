"""Runs the real binary for tests: `ticklake up` and its other commands as processes of their own."""

import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("TICKLAKE") or os.path.join(ROOT, "build", "ticklake")
DEADLINE_S = 120


def free_port():
    """A port that nobody listens on, outside the range that the kernel gives to clients."""
    while True:
        port = random.randint(15000, 32000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def wait_until(condition, what, deadline_s=DEADLINE_S, interval_s=0.02):
    """The first true value of condition(); raises if there is none before the deadline."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s} s: {what}")
        time.sleep(interval_s)


def run(*arguments, check=True, timeout=DEADLINE_S, **options):
    """One ticklake command to its end."""
    done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=timeout,
                          stdin=subprocess.DEVNULL, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"{arguments} ended with {done.returncode}:\n{done.stderr}")
    return done


class Pipeline:
    """`ticklake up` on ports and a data folder of its own, which last over restarts. With
    `own_kafka` it works on that one instead of a broker of its own."""

    def __init__(self, *flags, data=None, prefix=(), own_kafka=None):
        self.data = data or tempfile.mkdtemp(prefix="ticklake-test-")
        self.kafka = own_kafka or f"127.0.0.1:{free_port()}"
        self.kafka_flag = "--kafka" if own_kafka else "--kafka-listen"
        self.url = f"http://127.0.0.1:{free_port()}"
        self.http_listen = self.url.removeprefix("http://")
        self.aws_url = f"http://127.0.0.1:{free_port()}"
        self.aws_listen = self.aws_url.removeprefix("http://")
        self.flags = flags
        self.prefix = prefix
        self.process = None
        self.log_path = os.path.join(tempfile.gettempdir(), f"{os.path.basename(self.data)}.log")

    def __enter__(self):
        return self.start()

    def __exit__(self, failure, *_):
        if self.process and self.process.poll() is None:
            self.kill()
        if failure:
            print(f"--- the end of what ticklake said ---\n{self.log()[-4000:]}")
        shutil.rmtree(self.data, ignore_errors=True)
        if os.path.exists(self.log_path):
            os.remove(self.log_path)

    def spawn(self):
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            [*self.prefix, BINARY, "up", "--data", self.data, self.kafka_flag, self.kafka,
             "--http-listen", self.http_listen,
             *([] if "--aws-listen" in self.flags else ["--aws-listen", self.aws_listen]),
             *self.flags],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        return self

    def start(self):
        self.spawn()
        wait_until(self.is_ready, "GET /health/ready answers 200")
        return self

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"up ended with {self.process.returncode}:\n{self.log()[-4000:]}")
        try:
            with urllib.request.urlopen(self.url + "/health/ready", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def kill(self):
        """kill -9: no chance to put anything in order."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(DEADLINE_S)

    def stop(self):
        """Ctrl-C; the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(DEADLINE_S)

    def is_alive(self):
        return self.process.poll() is None

    def query(self, sql):
        """Rows of POST /api/query; raises AssertionError with the server's error text."""
        request = urllib.request.Request(self.url + "/api/query",
                                         json.dumps({"sql": sql}).encode(),
                                         {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
                return json.load(answer)["rows"]
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"{sql}: {refused.read().decode()}") from refused

    def value(self, sql):
        return self.query(sql)[0][0]

    def value_or(self, sql, otherwise):
        """The first value, or `otherwise` while the table is not there yet."""
        try:
            return self.value(sql)
        except AssertionError:
            return otherwise

    def status(self):
        with urllib.request.urlopen(self.url + "/api/status", timeout=DEADLINE_S) as answer:
            return json.load(answer)

    def produce(self, topic, lines, *, key=None):
        """Each line as one record, acks=all, through kcat."""
        command = ["kcat", "-b", self.kafka, "-t", topic, "-P", "-X", "acks=all"]
        if key:
            command += ["-k", key]
        subprocess.run(command, input="\n".join(lines) + "\n", text=True, check=True,
                       timeout=DEADLINE_S, capture_output=True)


def spawn_simulation(kafka, topic, rate, *flags):
    """`feed simulate` as a process of its own, so that it outlives the broker."""
    return subprocess.Popen([BINARY, "feed", "simulate", "--kafka", kafka, "--topic", topic,
                             "--rate", rate, *flags],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def count_in(text, pattern):
    """The number that `pattern` finds in a summary, thousands separators left out."""
    found = re.search(pattern, text)
    if not found:
        raise AssertionError(f"no {pattern!r} in: {text}")
    return int(found.group(1).replace(",", ""))
