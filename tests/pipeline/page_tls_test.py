"""The page over TLS: browsers that trust its certificate read it, and beyond this machine they show
one of their own."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from pipeline import Pipeline, free_port, run

FEED = ("--feed", "none", "--aws-listen", "none")


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class Certificates:
    """A CA, and what it signed: a server's certificate for localhost, a client's."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.ca = self.folder / "ca.pem"
        openssl("req", "-x509", *self.new_key("ca"), "-out", self.ca, "-days", "2", "-subj", "/CN=CA")
        self.server = self.signed("server", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        self.client = self.signed("client", "extendedKeyUsage=clientAuth")

    def new_key(self, name):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", self.folder / f"{name}.key")

    def signed(self, name, extension):
        extensions, request = self.folder / f"{name}.ext", self.folder / f"{name}.csr"
        extensions.write_text(extension)
        openssl("req", "-new", *self.new_key(name), "-out", request, "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.folder / "ca.key",
                "-CAcreateserial", "-days", "2", "-extfile", extensions,
                "-out", self.folder / f"{name}.pem")
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"


class SecurePage(Pipeline):
    def __init__(self, certificates, listen_host, *flags):
        super().__init__(*FEED, "--tls-certificate", certificates.server[0],
                         "--tls-key", certificates.server[1], *flags)
        self.certificates = certificates
        port = free_port()
        self.http_listen = f"https://{listen_host}:{port}"
        self.url = f"https://localhost:{port}"
        self.client = ()

    def curl(self, path, *flags):
        return subprocess.run(["curl", "-sS", "--max-time", "30", "--cacert", self.certificates.ca,
                               *flags, self.url + path], capture_output=True, text=True, check=False)

    def is_ready(self):
        if not self.is_alive():
            raise AssertionError(self.log()[-4000:])
        return '"ready":true' in self.curl("/health/ready", *self.client).stdout


class PageTlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="ticklake-tls-")
        cls.certificates = Certificates(cls.folder)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def test_the_page_and_its_api_are_read_over_tls_and_not_without(self):
        with SecurePage(self.certificates, "127.0.0.1") as up:
            self.assertIn(f"dashboard  {up.http_listen}", up.log())
            self.assertIn("<title>ticklake</title>", up.curl("/").stdout)
            answer = up.curl("/api/query", "-d", "SELECT 41 + 1 AS n", "-H", "Content-Type: text/plain")
            self.assertEqual(json.loads(answer.stdout)["rows"], [[42]])
            plain = subprocess.run(["curl", "-sS", up.url.replace("https", "http")],
                                   capture_output=True, check=False)
            self.assertNotEqual(plain.returncode, 0)
            stranger = subprocess.run(["curl", "-sS", up.url], capture_output=True, check=False)
            self.assertEqual(stranger.returncode, 60)  # a certificate that nobody trusts

            trusting = os.environ | {"SSL_CERT_FILE": str(self.certificates.ca)}
            self.assertIn("ready", run("status", "--url", up.url, env=trusting).stdout)
            self.assertNotEqual(run("status", "--url", up.url, check=False).returncode, 0)

    def test_beyond_loopback_tls_alone_is_not_enough_and_a_browsers_certificate_is(self):
        client = ("--cert", self.certificates.client[0], "--key", self.certificates.client[1])
        up = SecurePage(self.certificates, "0.0.0.0", "--tls-client-ca", self.certificates.ca)
        up.client = client
        with up:
            self.assertIn("<title>ticklake</title>", up.curl("/", *client).stdout)
            refused = up.curl("/")
            self.assertNotEqual(refused.returncode, 0)
            self.assertEqual(refused.stdout, "")

    def test_an_address_that_others_reach_needs_a_word_for_it(self):
        certificate = ("--tls-certificate", self.certificates.server[0],
                       "--tls-key", self.certificates.server[1])
        for address, flags, missing in (("0.0.0.0:0", (), "--insecure"),
                                        ("https://0.0.0.0:0", certificate, "--tls-client-ca"),
                                        ("https://127.0.0.1:0", (), "--tls-certificate")):
            with self.subTest(address), tempfile.TemporaryDirectory() as data:
                done = run("up", "--data", data, "--http-listen", address, *FEED, *flags, check=False)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertRegex(done.stderr, "error: (will not|cannot) listen on")
                self.assertIn(missing, done.stderr)
                self.assertEqual(os.listdir(data), [])

    def test_with_a_kafka_of_ones_own_the_certificate_is_the_pages(self):
        with tempfile.TemporaryDirectory() as data:
            done = run("up", "--data", data, "--kafka", "127.0.0.1:1", *FEED, "--tls-client-ca",
                       self.certificates.ca, check=False)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("cannot use --tls-client-ca", done.stderr)


if __name__ == "__main__":
    unittest.main()
