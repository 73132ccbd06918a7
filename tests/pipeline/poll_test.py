"""`ticklake feed poll` against an API that misbehaves, with the real broker: every record once."""

import http.server
import json
import os
import random
import shutil
import signal
import ssl
import subprocess
import tempfile
import threading
import unittest
import urllib.parse

from pipeline import BINARY, count_in, free_port, wait_until

DEADLINE_S = 120


class Api:
    """A local HTTP server; `answer(request)` gives (status, headers, body)."""

    def __init__(self, answer):
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                url = urllib.parse.urlsplit(self.path)
                self.query = dict(urllib.parse.parse_qsl(url.query))
                self.where = url.path
                with api.lock:
                    api.requests.append(self)
                    outcome = api.answer(self)
                status, headers, body = outcome
                body = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                length = headers.pop("length", len(body))
                if status != 304:
                    self.send_header("Content-Length", str(length))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if status != 304:
                    self.wfile.write(body)
                if length != len(body):
                    self.close_connection = True

            def log_message(self, *_):
                pass

        self.answer = answer
        self.lock = threading.Lock()
        self.requests = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # clients that were killed
        self.server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def trade(number, **more):
    return {"id": number, "price": f"{100 + number / 100:.2f}", **more}


class Polling(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.data = tempfile.mkdtemp(prefix="ticklake-test-")
        cls.kafka = f"127.0.0.1:{free_port()}"
        cls.start_broker()

    @classmethod
    def start_broker(cls):
        cls.broker = subprocess.Popen([BINARY, "broker", "--data", cls.data, "--kafka-listen",
                                       cls.kafka], stderr=subprocess.DEVNULL)
        wait_until(lambda: subprocess.run([BINARY, "topic", "list", "--kafka", cls.kafka],
                                          capture_output=True, check=False).returncode == 0,
                   "the broker answers", DEADLINE_S)

    @classmethod
    def tearDownClass(cls):
        cls.broker.send_signal(signal.SIGTERM)
        cls.broker.wait(DEADLINE_S)
        shutil.rmtree(cls.data)

    def api(self, answer):
        api = Api(answer)
        self.addCleanup(api.close)
        return api

    def command(self, url, *flags, topic=None):
        return [BINARY, "feed", "poll", url, "--kafka", self.kafka, "--topic",
                topic or self.topic(), "--every", "10ms", "--back-off-max", "20ms", *flags]

    def topic(self):
        return self.id().rsplit(".", 1)[-1]

    def poll(self, url, *flags, status=0, topic=None, **options):
        done = subprocess.run(self.command(url, *flags, topic=topic), capture_output=True,
                              text=True, timeout=DEADLINE_S, check=False, **options)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stderr

    def start(self, url, *flags, topic=None):
        process = subprocess.Popen(self.command(url, *flags, topic=topic), stderr=subprocess.PIPE,
                                   stdin=subprocess.DEVNULL, text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(lambda: process.poll() is None and (process.kill(), process.wait()))
        return process

    def line_with(self, process, text):
        for line in process.stderr:
            if text in line:
                return line
        self.fail(f"it ended without saying {text!r}")

    def rows(self, topic=None):
        done = subprocess.run([BINARY, "consume", "--kafka", self.kafka, "--topic",
                               topic or self.topic(), "--exit"], capture_output=True, text=True,
                              timeout=DEADLINE_S, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def ids(self, topic=None):
        return [row["id"] for row in self.rows(topic)]

    # Every record once.

    def test_an_api_that_misbehaves_in_every_way_gives_each_record_once(self):
        trades = [trade(i) for i in range(1, 61)]
        good = json.dumps(trades[:20]).encode()
        script = [
            (429, {"Retry-After": "0"}, b""),
            (500, {}, b"oops"),
            (200, {}, trades[:10]),
            (200, {"length": len(good)}, good[:len(good) // 2]),  # half a body
            (200, {}, b"<html>We are down for maintenance</html>"),
            (200, {}, list(reversed(trades[5:20])) + trades[3:9]),  # out of order, repeated
            (503, {"Retry-After": "Tue, 14 Nov 2023 22:13:20 GMT",
                   "Date": "Tue, 14 Nov 2023 22:13:20 GMT"}, b""),  # its clock is years behind
            (200, {}, b"[" + b" " * 300_000 + b"]"),  # too large
            (200, {}, trades[10:40]),
            (200, {}, {"message": "slow down"}),  # no rows, with a status that says all is well
            (200, {}, []),
            (200, {}, trades[30:60]),
        ]
        api = self.api(lambda _: script[min(len(api.requests), len(script)) - 1])
        told = self.poll(api.origin + "/trades", "--count", "6", "--dedupe-by", "id",
                         "--answer-max", "200KB")
        self.assertEqual(sorted(self.ids()), list(range(1, 61)))
        self.assertEqual(count_in(told, r"([\d,]+) new rows"), 60)
        self.assertEqual(count_in(told, r"; ([\d,]+) failed tries;"), 7)
        for reason in ("status 429", "status 500", "no JSON", "too much", "no array"):
            self.assertIn(reason, told)

    def test_retry_after_is_waited_for(self):
        answers = [(429, {"Retry-After": "2"}, b""), (200, {}, [trade(1)])]
        api = self.api(lambda _: answers[min(len(api.requests), 2) - 1])
        told = self.poll(api.origin, "--count", "1")
        self.assertIn("tried again in 2.0 s", told)
        self.assertEqual(self.ids(), [1])

    def test_a_restart_neither_doubles_nor_forgets(self):
        newest = [0]

        def answer(_):
            newest[0] += 10
            return 200, {}, [trade(i) for i in range(max(1, newest[0] - 39), newest[0] + 1)]

        api = self.api(answer)
        for _ in range(3):
            self.poll(api.origin, "--count", "2")
        self.assertEqual(self.ids(), list(range(1, 61)))

    def test_pages_of_links_are_followed_in_body_and_header(self):
        def answer(request):
            page = int(request.query.get("page", "1"))
            rows = [trade(page * 10 + i) for i in range(10)]
            following = f"/trades?page={page + 1}" if page < 4 else None
            if request.where == "/body":
                return 200, {}, {"rows": rows, "next": following and "/body" + following[7:]}
            return 200, {"Link": f'<{following}>; rel="next"'} if following else {}, rows

        api = self.api(answer)
        self.poll(api.origin + "/body", "--json-path", "$.rows", "--next-link", "$.next",
                  "--count", "2", topic="body-pages")
        self.assertEqual(self.ids("body-pages"), list(range(10, 50)))
        self.poll(api.origin + "/trades", "--count", "2", topic="header-pages")
        self.assertEqual(self.ids("header-pages"), list(range(10, 50)))

    def test_pages_that_end_in_an_error_are_gone_on_with(self):
        failed = set()

        def answer(request):
            page = int(request.query.get("page", "1"))
            if page > 1 and page not in failed:
                failed.add(page)
                return 502, {}, b"bad gateway"
            cursor = {"cursor": page + 1} if page < 5 else {}
            return 200, {}, {"rows": [trade(page)], **cursor}

        api = self.api(answer)
        self.poll(api.origin, "--count", "1", "--cursor-param", "page", "--cursor-path", "$.cursor",
                  "--cursor-is", "page")
        self.assertEqual(self.ids(), [1, 2, 3, 4, 5])
        self.assertEqual(len(api.requests), 9)

    def test_a_cursor_goes_on_after_a_restart(self):
        def answer(request):
            since = int(request.query.get("since", "0"))
            return 200, {}, {"rows": [trade(i) for i in range(since + 1, since + 6)],
                             "last": str(since + 5)}

        api = self.api(answer)
        for _ in range(2):
            self.poll(api.origin, "--count", "3", "--cursor-param", "since", "--cursor-path",
                      "$.last")
        self.assertEqual(self.ids(), list(range(1, 31)))
        self.assertEqual([request.query.get("since") for request in api.requests],
                         [None, "5", "10", "15", "20", "25"])

    def test_newest_first_ends_at_what_is_known_and_is_sent_oldest_first(self):
        newest = [40]

        def answer(request):
            before = int(request.query.get("before", newest[0] + 1))
            rows = [trade(i) for i in range(before - 1, max(0, before - 11), -1)]
            return 200, {"CB-AFTER": str(rows[-1]["id"])} if rows[-1]["id"] > 1 else {}, rows

        api = self.api(answer)
        flags = ("--count", "1", "--newest-first", "--cursor-param", "before", "--cursor-path",
                 "header:cb-after", "--cursor-is", "page", "--time-column", "id")
        self.poll(api.origin, *flags)
        self.assertEqual(sorted(self.ids()), list(range(1, 41)))
        before = len(api.requests)
        newest[0] = 55
        self.poll(api.origin, *flags)
        self.assertEqual(sorted(self.ids()), list(range(1, 56)))
        self.assertEqual(self.ids()[40:50], list(range(46, 56)))
        self.assertEqual(len(api.requests) - before, 3)  # 55-46, 45-36, 35-26: all known

    def test_what_has_not_changed_is_not_sent_by_the_api(self):
        def answer(request):
            if request.headers.get("If-None-Match") == '"v1"':
                return 304, {}, b""
            return 200, {"ETag": '"v1"'}, [trade(1)]

        api = self.api(answer)
        told = self.poll(api.origin, "--count", "4")
        self.assertIn("4 polls, 3 of them unchanged", told)
        told = self.poll(api.origin, "--count", "1")  # it is remembered
        self.assertIn("1 polls, 1 of them unchanged", told)
        self.assertEqual(self.ids(), [1])

    def test_tls_with_a_certificate_that_is_named_and_without(self):
        api = self.api(lambda _: (200, {}, [trade(1)]))
        folder = tempfile.mkdtemp(prefix="ticklake-test-")
        self.addCleanup(shutil.rmtree, folder)
        key, certificate = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out",
                        certificate, "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        api.server.socket = tls.wrap_socket(api.server.socket, server_side=True,
                                            do_handshake_on_connect=False)
        url = api.origin.replace("http://", "https://")
        stranger = self.start(url)
        self.assertRegex(self.line_with(stranger, "does not answer"), "(?i)certificate")
        stranger.send_signal(signal.SIGINT)
        self.assertEqual(stranger.wait(DEADLINE_S), 0)
        self.assertEqual(api.requests, [])
        self.poll(url, "--count", "1", env=os.environ | {"SSL_CERT_FILE": certificate})
        self.assertEqual(self.ids(), [1])

    # Ends with a clear error, or not at all.

    def test_a_refusal_ends_with_a_clear_error_without_secrets(self):
        api = self.api(lambda request: (403, {}, {"error": f"key {request.query['key']} and "
                                                  f"{request.headers['X-Key']} are bad"}))
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as secrets:
            secrets.write("X-Key: hunter2-header\n?key: hunter2-query\n")
            secrets.flush()
            told = self.poll(api.origin + "/v1", "--header-file", secrets.name, status=1)
        self.assertIn("/v1 refuses with status 403", told)
        self.assertIn("try: look at the key in --header-file", told)
        self.assertNotIn("hunter2", told)

    def test_a_shape_that_does_not_fit_ends_at_once(self):
        api = self.api(lambda _: (200, {}, {"a": [1], "b": [2]}))
        told = self.poll(api.origin, status=2)
        self.assertIn("cause: $.a, $.b\ntry: say with --json-path", told)
        told = self.poll(api.origin, "--json-path", "$.a", status=1)
        self.assertIn("name its values with --map", told)
        told = self.poll(api.origin, "--json-path", "$.a[", status=2)
        self.assertIn("is no path", told)

    def test_secrets_do_not_go_to_another_server(self):
        other = self.api(lambda _: (200, {}, []))
        api = self.api(lambda _: (200, {"Link": f"<{other.origin}/>; rel=next"}, [trade(1)]))
        told = self.poll(api.origin, status=1)
        self.assertIn("the next page is at another server", told)
        self.assertEqual(other.requests, [])

    def test_ctrl_c_drains_and_sums_up(self):
        api = self.api(lambda _: (200, {}, [trade(len(api.requests))]))
        poller = self.start(api.origin)
        wait_until(lambda: len(api.requests) > 5, "it polls", DEADLINE_S)
        poller.send_signal(signal.SIGINT)
        told = poller.communicate(timeout=DEADLINE_S)[1]
        self.assertEqual(poller.returncode, 0, told)
        self.assertEqual(len(self.ids()), count_in(told, r"([\d,]+) new rows"))

    def test_a_second_poller_of_one_name_ends_the_first(self):
        api = self.api(lambda _: (200, {}, [trade(len(api.requests))]))
        first = self.start(api.origin)
        wait_until(lambda: len(api.requests) > 3, "the first polls", DEADLINE_S)
        second = self.start(api.origin)
        told = first.communicate(timeout=DEADLINE_S)[1]
        self.assertEqual(first.returncode, 1, told)
        self.assertIn(f"error: another poller with the name '{self.topic()}' has taken over", told)
        self.assertIn("; 0 failed tries;", told)
        self.assertIsNone(second.poll())
        before = len(api.requests)
        wait_until(lambda: len(api.requests) > before + 3, "the second goes on", DEADLINE_S)
        second.send_signal(signal.SIGINT)
        self.assertEqual(second.wait(DEADLINE_S), 0)
        ids = self.ids()
        self.assertEqual(len(ids), len(set(ids)))

    def test_a_poller_that_was_frozen_ends_when_it_wakes_up_after_its_successor(self):
        api = self.api(lambda _: (200, {}, [trade(len(api.requests))]))
        first = self.start(api.origin)
        wait_until(lambda: len(api.requests) > 3, "the first polls", DEADLINE_S)
        first.send_signal(signal.SIGSTOP)
        second = self.start(api.origin)
        before = len(api.requests)
        wait_until(lambda: len(api.requests) > before + 3, "the second polls", DEADLINE_S)
        first.send_signal(signal.SIGCONT)
        told = first.communicate(timeout=DEADLINE_S)[1]
        self.assertEqual(first.returncode, 1, told)
        self.assertIn("has taken over", told)
        before = len(api.requests)
        wait_until(lambda: len(api.requests) > before + 3, "the second goes on", DEADLINE_S)
        second.send_signal(signal.SIGINT)
        told = second.communicate(timeout=DEADLINE_S)[1]
        self.assertEqual(second.returncode, 0, told)
        ids = self.ids()
        self.assertEqual(len(ids), len(set(ids)))

    # kill -9.

    def killed(self, url, flags, moments):
        chance = random.Random(os.environ.get("TICKLAKE_SEED", "7"))
        for _ in range(moments):
            poller = self.start(url, *flags)
            try:
                poller.wait(chance.uniform(0.1, 2.5))
                self.fail(poller.stderr.read())
            except subprocess.TimeoutExpired:
                poller.kill()
                poller.wait(DEADLINE_S)

    def test_a_window_of_rows_survives_kill_9_at_any_moment(self):
        rows = []

        def answer(_):
            number = len(api.requests)
            if number % 7 == 0:
                return 500, {}, b""
            rows.extend(trade(i) for i in range(len(rows) + 1, len(rows) + 6))
            body = json.dumps({"rows": rows[-500:]}).encode()
            if number % 11 == 0:
                return 200, {"length": len(body)}, body[:-40]
            return 200, {}, body

        api = self.api(answer)
        self.killed(api.origin, ("--dedupe-by", "id"), 8)
        self.poll(api.origin, "--count", "3", "--dedupe-by", "id")
        self.assertGreater(len(rows), 15)
        self.assertEqual(self.ids(), list(range(1, len(self.ids()) + 1)))

    def test_pages_survive_kill_9_at_any_moment(self):
        pages = 300

        def answer(request):
            page = int(request.query.get("page", "1"))
            if len(api.requests) % 13 == 0:
                return 503, {}, b""
            link = {"Link": f'</?page={page + 1}>; rel="next"'} if page < pages else {}
            return 200, link, [trade(page * 10 + i) for i in range(10)]

        api = self.api(answer)
        flags = ("--newest-first", "--pages-max", "1000", "--time-column", "id")
        self.killed(api.origin, flags, 7)
        self.poll(api.origin, "--count", "1", *flags)
        self.assertEqual(sorted(self.ids()), list(range(10, pages * 10 + 10)))

    def test_rows_are_in_the_topic_once_over_kill_9_of_the_broker(self):
        cls = type(self)
        rows = []

        def answer(_):
            rows.extend(trade(i) for i in range(len(rows) + 1, len(rows) + 4))
            return 200, {}, rows[-2000:]

        api = self.api(answer)
        poller = self.start(api.origin, "--dedupe-by", "id")
        for _ in range(3):
            before = len(api.requests)
            wait_until(lambda at=before: len(api.requests) > at + 3, "it polls", DEADLINE_S)
            cls.broker.kill()
            cls.broker.wait(DEADLINE_S)
            cls.start_broker()
        before = len(api.requests)
        wait_until(lambda: len(api.requests) > before + 3, "it goes on", DEADLINE_S)
        poller.send_signal(signal.SIGINT)
        told = poller.communicate(timeout=DEADLINE_S)[1]
        self.assertEqual(poller.returncode, 0, told)
        ids = self.ids()
        self.assertEqual(len(ids), count_in(told, r"([\d,]+) new rows"))
        self.assertEqual(ids, list(range(1, len(ids) + 1)))


if __name__ == "__main__":
    unittest.main()
