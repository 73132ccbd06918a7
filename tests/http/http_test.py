"""What clients of src/http may rely on, with clients that others wrote (curl, openssl, Python's
http.client) and with raw sockets, against http_test_server."""

import concurrent.futures
import http.client
import os
import pathlib
import select
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

SERVER = os.environ["HTTP_TEST_SERVER"]
MIB = 1 << 20
LARGE = int(os.environ.get("HTTP_LARGE_MIB", "256")) * MIB
# A body in memory would be LARGE.
RSS_GROWTH_MAX = 64 * MIB
# AddressSanitizer keeps what was freed; so much of it is no memory that a body takes.
SERVER_ENVIRONMENT = os.environ | {
    "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=8"}
DEADLINE = 30


def wait_until(condition, what):
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"within {DEADLINE} s not: {what}")


class Server:
    """A server of its own for each test, over a file of LARGE bytes, mostly a hole."""

    def __init__(self, folder, **settings):
        self.file = folder / "file"
        if not self.file.exists():
            with open(self.file, "wb") as file:
                file.write(b"0123456789")
                file.truncate(LARGE)
        self.process = subprocess.Popen(
            [SERVER, self.file, *(f"{name}={value}" for name, value in settings.items())],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=SERVER_ENVIRONMENT)
        ready = self.process.stdout.readline().split()
        assert ready and ready[0] == "ready", ready
        self.port = int(ready[1])
        self.tls_port = int(ready[2]) if len(ready) > 2 else None

    def stop(self):
        """The seconds that it took; fails if it does not end well."""
        begin = time.monotonic()
        self.process.stdin.close()
        status = self.process.wait(DEADLINE)
        self.process.stdout.close()
        assert status == 0, f"the server ended with {status}"
        return time.monotonic() - begin

    def url(self, path, encrypted=False):
        if encrypted:
            return f"https://localhost:{self.tls_port}{path}"
        return f"http://127.0.0.1:{self.port}{path}"

    def rss(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024

    def connect(self):
        return Raw(socket.create_connection(("127.0.0.1", self.port), DEADLINE))


class Raw:
    """A socket and what was received on it."""

    def __init__(self, sock):
        self.sock = sock
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.sock.close()

    def send(self, text):
        self.sock.sendall(text if isinstance(text, bytes) else text.encode())

    def receive_until(self, end):
        while end not in self.received:
            piece = self.sock.recv(65536)
            assert piece, f"the connection ended after {self.received!r}"
            self.received += piece
        at = self.received.index(end) + len(end)
        taken, self.received = self.received[:at], self.received[at:]
        return taken

    def receive_all(self):
        while piece := self.sock.recv(65536):
            self.received += piece
        return self.received

    def is_silent(self, seconds=0.3):
        return not self.received and not select.select([self.sock], [], [], seconds)[0]


def curl(*arguments, check=True):
    done = subprocess.run(["curl", "--silent", "--show-error", "--max-time", "120", *arguments],
                          capture_output=True, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"curl ended with {done.returncode}: {done.stderr.decode()}")
    return done


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.server = None

    def start(self, **settings):
        self.server = Server(self.folder, **settings)
        self.addCleanup(lambda: self.server.process.poll() is None and self.server.stop())
        return self.server


class Requests(Case):
    def test_target_fields_and_repeats_arrive_as_they_were_sent(self):
        server = self.start()
        with server.connect() as raw:
            raw.send("PATCH /tell/dt%3D1/../%2f?b=2&a=+%20&uploads HTTP/1.1\r\n"
                     "hOsT: bucket.localhost:8090\r\nX-A: 1\r\nx-a:2\r\nContent-Length: 2\r\n\r\nhi")
            raw.receive_until(b"\r\n\r\n")
            told = raw.receive_until(b"hi").decode()
        self.assertEqual(
            told, "PATCH\n/tell/dt%3D1/../%2f?b=2&a=+%20&uploads\nbucket.localhost:8090\n\n"
                  "hOsT=bucket.localhost:8090\nX-A=1\nx-a=2\nContent-Length=2\n\nhi")

    def test_one_connection_serves_many_requests(self):
        server = self.start()
        client = http.client.HTTPConnection("127.0.0.1", server.port, DEADLINE)
        client.connect()
        sock = client.sock
        for size in (0, 1, 1000, 100_000, 3_000_000):
            client.request("GET", f"/small/{size}")
            answer = client.getresponse()
            self.assertEqual(len(answer.read()), size)
            self.assertIs(client.sock, sock)
        client.close()

    def test_pipelined_requests_are_answered_in_order(self):
        server = self.start()
        with server.connect() as raw:
            raw.send("".join(f"GET /tell/{i} HTTP/1.1\r\nHost: a\r\n\r\n" for i in range(500)))
            for i in range(500):
                raw.receive_until(f"GET\n/tell/{i}\n".encode())

    def test_head_tells_what_get_would(self):
        server = self.start()
        for path in ("/small/1000", "/file", "/generated/5000"):
            told = curl("--head", server.url(path)).stdout.decode()
            self.assertIn("200 OK", told)
            self.assertRegex(told, r"(?i)content-length: \d+\r\n")

    def test_ranges_of_a_file(self):
        server = self.start()
        self.assertEqual(curl("--range", "3-6", server.url("/file")).stdout, b"3456")
        head = curl("--include", "--range", f"{LARGE}-", server.url("/file")).stdout.decode()
        self.assertIn("416", head)
        self.assertIn(f"Content-Range: bytes */{LARGE}", head)
        self.assertEqual(len(curl("--range", "-7", server.url("/file")).stdout), 7)

    def test_what_could_be_smuggled_is_refused_and_the_connection_closed(self):
        server = self.start()
        hidden = "GET /small/1 HTTP/1.1\r\nHost: a\r\n\r\n"
        for fields in ("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
                       "Content-Length: 4\r\nContent-Length: 5\r\n",
                       "Transfer-Encoding: chunked, identity\r\n",
                       "Transfer-Encoding : chunked\r\n",
                       "X: y\r\n Transfer-Encoding: chunked\r\n", "X: y\nContent-Length: 4\r\n"):
            with server.connect() as raw:
                raw.send(f"PUT /count HTTP/1.1\r\nHost: a\r\n{fields}\r\n0\r\n\r\n{hidden}")
                answer = raw.receive_all().decode()
            self.assertRegex(answer, r"^HTTP/1.1 (400|501) ", fields)
            self.assertEqual(answer.count("HTTP/1.1"), 1, fields)

    def test_pages_of_other_sites_are_refused(self):
        server = self.start()
        refused = curl("--include", "--header", "Host: evil.example", server.url("/same"))
        self.assertIn(b"403 Forbidden", refused.stdout)


class Uploads(Case):
    def upload(self, server, url, *arguments):
        """Streams LARGE zeros through curl; what the server counted, and how its memory grew."""
        before = server.rss()
        counted = curl("--upload-file", server.file, *arguments, url).stdout.decode().split()
        return int(counted[0]), server.rss() - before

    def test_large_ones_take_no_memory(self):
        server = self.start()
        for arguments in ([], ["--header", "Transfer-Encoding: chunked"]):
            size, growth = self.upload(server, server.url("/count"), *arguments)
            self.assertEqual(size, LARGE)
            self.assertLess(growth, RSS_GROWTH_MAX)

    def test_the_body_is_sent_only_when_it_is_wanted(self):
        server = self.start()
        head = "Host: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        with server.connect() as raw:
            raw.send("PUT /count HTTP/1.1\r\n" + head)
            raw.receive_until(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.assertTrue(raw.is_silent())
            raw.send("hello")
            raw.receive_until(b"\r\n\r\n5 ")
        with server.connect() as raw:
            raw.send("PUT /refused HTTP/1.1\r\n" + head)
            answer = raw.receive_all().decode()
            self.assertTrue(answer.startswith("HTTP/1.1 403 "), answer)

    def test_curl_sees_a_refusal_of_what_it_uploads(self):
        server = self.start()
        for arguments in ([], ["--header", "Expect:"]):
            refused = curl("--upload-file", server.file, "--write-out", "%{http_code}", *arguments,
                           server.url("/refused"), check=False)
            self.assertIn(b"403", refused.stdout)

    def test_what_is_too_large_is_refused(self):
        server = self.start()
        body = self.folder / "body"
        for size, status in ((1_000_000, b"200"), (1_000_001, b"413")):
            body.write_bytes(bytes(size))
            for arguments in ([], ["--header", "Transfer-Encoding: chunked"]):
                done = curl("--upload-file", body, "--write-out", "%{http_code}", "--output",
                            "/dev/null", *arguments, server.url("/limited"), check=False)
                self.assertIn(status, done.stdout)

    def test_a_small_body_that_nobody_reads_costs_no_connection(self):
        server = self.start()
        client = http.client.HTTPConnection("127.0.0.1", server.port, DEADLINE)
        client.connect()
        sock = client.sock
        for _ in range(3):
            client.request("PUT", "/unread", b"x" * 100_000)
            self.assertEqual(client.getresponse().read(), b"not read\n")
            self.assertIs(client.sock, sock)
        client.close()

    def test_a_body_is_read_no_faster_than_its_handler_wants_it(self):
        """Nobody reads it here: the sockets' buffers fill, and no more is taken."""
        server = self.start()
        before = server.rss()
        with server.connect() as raw:
            raw.send("PUT /work HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n")
            raw.sock.setblocking(False)
            sent, last = 0, time.monotonic()
            while time.monotonic() - last < 1:
                try:
                    sent += raw.sock.send(bytes(MIB))
                    last = time.monotonic()
                except BlockingIOError:
                    time.sleep(0.02)
            self.assertLess(sent, 64 * MIB)
        self.assertLess(server.rss() - before, RSS_GROWTH_MAX)


class Downloads(Case):
    def download(self, server, url, *arguments):
        before = server.rss()
        size = curl("--output", "/dev/null", "--write-out", "%{size_download}", *arguments,
                    url).stdout
        return int(size), server.rss() - before

    def test_large_ones_take_no_memory(self):
        server = self.start()
        for path in ("/file", f"/generated/{LARGE}", f"/generated/{LARGE}?chunked"):
            size, growth = self.download(server, server.url(path))
            self.assertEqual(size, LARGE, path)
            self.assertLess(growth, RSS_GROWTH_MAX, path)

    def test_a_client_that_takes_nothing_holds_no_memory(self):
        server = self.start(send_buffer=65536)
        before = server.rss()
        with server.connect() as raw:
            raw.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            raw.send(f"GET /generated/{LARGE} HTTP/1.1\r\nHost: a\r\n\r\n")
            raw.receive_until(b"\r\n\r\n")
            time.sleep(0.5)
            self.assertLess(server.rss() - before, RSS_GROWTH_MAX)

    def test_old_clients_get_no_chunks(self):
        server = self.start()
        done = curl("--http1.0", "--include", server.url("/generated/100000?chunked"))
        head, body = done.stdout.split(b"\r\n\r\n", 1)
        self.assertNotIn(b"Transfer-Encoding", head)
        self.assertEqual(body, b"g" * 100_000)


class Connections(Case):
    def test_one_too_many_is_told_so(self):
        server = self.start(connections=3)
        idle = [server.connect() for _ in range(3)]
        for raw in idle:
            raw.send("GET /small/1 HTTP/1.1\r\nHost: a\r\n\r\n")
            raw.receive_until(b"\r\n\r\nx")
        refused = curl("--include", server.url("/small/1"))
        self.assertIn(b"503 Service Unavailable", refused.stdout)
        for raw in idle:
            raw.sock.close()
        wait_until(lambda: b"200 OK" in curl("--include", server.url("/small/1"), check=False).stdout,
                   "a place that is free again")

    def test_a_handler_learns_that_its_client_has_left(self):
        for threads in (1, 3):
            server = self.start(threads=threads)
            seen = lambda: curl(server.url("/seen")).stdout.decode().split()
            for path in ("/work", "/events"):
                before = int(seen()[1])
                with server.connect() as raw:
                    # The next request stands behind: the end must be seen all the same.
                    raw.send(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n" * 2)
                    wait_until(lambda: int(seen()[0]) > 0, f"{path} runs")
                wait_until(lambda: int(seen()[1]) > before and seen()[0] == "0", f"{path} stops")
            server.stop()

    def test_many_clients_on_several_threads(self):
        server = self.start(threads=3)

        def visit(number):
            client = http.client.HTTPConnection("127.0.0.1", server.port, DEADLINE)
            for size in range(number, number + 2000, 97):
                client.request("GET", f"/small/{size}")
                assert len(client.getresponse().read()) == size
                client.request("PUT", "/count", b"x" * size)
                assert client.getresponse().read().split()[0] == str(size).encode()
            client.close()

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            list(pool.map(visit, range(64)))

    def test_a_port_in_use_is_an_error(self):
        server = self.start()
        second = subprocess.run([SERVER, server.file, f"port={server.port}"], capture_output=True,
                                stdin=subprocess.DEVNULL, text=True, timeout=DEADLINE, check=False)
        self.assertEqual(second.returncode, 1)
        self.assertIn(f"error: cannot listen on 127.0.0.1:{server.port}", second.stderr)


class Times(Case):
    def test_idle_connections_are_closed(self):
        server = self.start(idle_ms=300)
        with server.connect() as raw:
            raw.send("GET /small/1 HTTP/1.1\r\nHost: a\r\n\r\n")
            raw.receive_until(b"\r\n\r\nx")
            self.assertEqual(raw.receive_all(), b"")

    def test_a_request_that_does_not_come_to_its_end_is_refused(self):
        server = self.start(request_ms=300)
        with server.connect() as raw:
            raw.send("GET /small/1 HTTP/1.1\r\nHost:")
            self.assertTrue(raw.receive_all().startswith(b"HTTP/1.1 408 "))

    def test_a_body_that_does_not_come_is_refused(self):
        server = self.start(request_ms=300)
        with server.connect() as raw:
            raw.send("PUT /count HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
            self.assertTrue(raw.receive_all().startswith(b"HTTP/1.1 408 "))

    def test_a_client_that_takes_nothing_is_let_go(self):
        server = self.start(write_ms=500, send_buffer=65536)
        with server.connect() as raw:
            raw.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            raw.send("GET /events?bytes=100000 HTTP/1.1\r\nHost: a\r\n\r\n")
            wait_until(lambda: curl(server.url("/seen")).stdout == b"0 1\n", "the stream ends")


class Tls(Case):
    def setUp(self):
        super().setUp()
        self.certificate, self.key = self.folder / "certificate.pem", self.folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-keyout", self.key, "-out",
                        self.certificate], check=True, capture_output=True)

    def start_encrypted(self, **settings):
        return self.start(certificate=self.certificate, key=self.key, **settings)

    def test_curl_up_and_down(self):
        server = self.start_encrypted()
        trust = ["--cacert", str(self.certificate)]
        before = server.rss()
        counted = curl("--upload-file", server.file, *trust, server.url("/count", True)).stdout
        self.assertEqual(int(counted.split()[0]), LARGE)
        for path in ("/file", f"/generated/{LARGE}?chunked"):
            size = curl("--output", "/dev/null", "--write-out", "%{size_download}", *trust,
                        server.url(path, True)).stdout
            self.assertEqual(int(size), LARGE)
        self.assertLess(server.rss() - before, RSS_GROWTH_MAX)
        self.assertEqual(curl("--range", "3-6", *trust, server.url("/file", True)).stdout, b"3456")

    def test_openssl_s_client_keeps_its_connection(self):
        server = self.start_encrypted()
        request = "GET /small/3 HTTP/1.1\r\nHost: a\r\n\r\n"
        done = subprocess.run(
            ["openssl", "s_client", "-quiet", "-connect",
             f"127.0.0.1:{server.tls_port}"],
            input=request + request + request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"),
            capture_output=True, text=True, timeout=DEADLINE, check=False)
        self.assertEqual(done.stdout.count("\n\nxxx"), 3, done)

    def test_python_keeps_its_connection(self):
        server = self.start_encrypted(threads=2)
        context = ssl.create_default_context(cafile=self.certificate)
        client = http.client.HTTPSConnection("localhost", server.tls_port, timeout=DEADLINE,
                                             context=context)
        client.connect()
        sock = client.sock
        for size in (1, 20_000, 1_000_000):
            client.request("GET", f"/small/{size}")
            self.assertEqual(len(client.getresponse().read()), size)
            client.request("PUT", "/count", b"x" * size)
            self.assertEqual(client.getresponse().read().split()[0], str(size).encode())
            self.assertIs(client.sock, sock)
        client.close()

    def test_who_speaks_no_tls_costs_himself_alone(self):
        server = self.start_encrypted()
        with Raw(socket.create_connection(("127.0.0.1", server.tls_port), DEADLINE)) as raw:
            raw.send("GET /small/1 HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertNotIn(b"200 OK", raw.receive_all())
        self.assertEqual(curl("--insecure", server.url("/small/1", True)).stdout, b"x")

    def test_a_certificate_says_who_the_client_is(self):
        server = self.start_encrypted(client_ca=self.certificate)
        refused = curl("--insecure", server.url("/tell/a", True), check=False)
        self.assertNotEqual(refused.returncode, 0)
        told = curl("--insecure", "--cert", str(self.certificate), "--key", str(self.key),
                    server.url("/tell/a", True)).stdout.decode()
        self.assertEqual(told.split("\n")[3], "CN=localhost")


class Stopping(Case):
    def test_streams_and_handlers_end_with_the_server(self):
        for threads in (1, 3):
            server = self.start(threads=threads)
            paths = ["/events", "/work", "/small/1"] * 3
            raws = [server.connect() for _ in paths]
            for raw, path in zip(raws, paths):
                raw.send(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n")
            wait_until(lambda: curl(server.url("/seen")).stdout.split()[0] == b"6", "all run")
            self.assertLess(server.stop(), 10)
            for raw, path in zip(raws, paths):
                received = raw.receive_all()
                self.assertIn(b"200 OK", received)
                if path == "/events":
                    self.assertTrue(received.endswith(b"0\r\n\r\n"))
                raw.sock.close()

    def test_a_client_that_takes_nothing_does_not_hold_it_up(self):
        server = self.start(send_buffer=65536)
        with server.connect() as raw:
            raw.send(f"GET /generated/{LARGE} HTTP/1.1\r\nHost: a\r\n\r\n")
            raw.receive_until(b"\r\n\r\n")
            self.assertLess(server.stop(), 10)


if __name__ == "__main__":
    unittest.main()
