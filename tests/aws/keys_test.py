"""Keys: the first one is made by `up` and shown by `ticklake env` alone; `ticklake key` makes others,
with rights of their own, and takes them back."""

import json
import os
import pathlib
import socket
import ssl
import stat
import subprocess
import tempfile
import unittest

from stack import BINARY, Pipeline, client, code_of, free_port, make_key, run, settings, wait_until

FEED = ("--feed", "none")
READ_OWN_NAME = {"Version": "2012-10-17", "Statement": {
    "Effect": "Allow", "Action": "iam:GetUser",
    "Resource": "arn:aws:iam::000000000000:user/${aws:username}"}}


class FirstKey(unittest.TestCase):
    def test_env_prints_what_clients_need_and_nothing_else_shows_the_secret(self):
        with Pipeline(*FEED) as up:
            given = settings(up.data)
            self.assertEqual(given["AWS_ENDPOINT_URL"], up.aws_url)
            self.assertEqual(given["AWS_DEFAULT_REGION"], "us-east-1")
            self.assertEqual(client("sts", given).get_caller_identity()["Arn"],
                             "arn:aws:iam::000000000000:root")
            printed = subprocess.run(
                ["sh", "-c", 'eval "$("$0" env --data "$1")"; '
                 'echo "$AWS_ENDPOINT_URL $AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY '
                 '$AWS_DEFAULT_REGION"', BINARY, up.data],
                capture_output=True, text=True, check=True).stdout
            self.assertEqual(printed.split(), list(given.values()))
            profile = run("env", "--data", up.data, "--format", "profile").stdout
            self.assertIn(f"aws_secret_access_key = {given['AWS_SECRET_ACCESS_KEY']}", profile)
            self.assertIn(f"endpoint_url = {up.aws_url}", profile)

            secret = given["AWS_SECRET_ACCESS_KEY"]
            said = up.log() + json.dumps(up.status())
            said += run("status", "--url", up.url).stdout + run("key", "list", "--data", up.data).stdout
            self.assertNotIn(secret, said)
            self.assertIn(up.aws_url, said)
            self.assertIn(given["AWS_ACCESS_KEY_ID"], said)
            for path in pathlib.Path(up.data).rglob("*"):
                if path.is_file() and secret.encode() in path.read_bytes():
                    self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, path)

    def test_the_key_lasts_over_a_restart(self):
        with Pipeline(*FEED) as up:
            before = settings(up.data)
            self.assertEqual(up.stop(), 0)
            up.start()
            self.assertEqual(settings(up.data), before)
            client("sts", before).get_caller_identity()

    def test_before_the_first_start_there_is_none_and_that_is_said(self):
        with tempfile.TemporaryDirectory() as data:
            done = run("env", "--data", data, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, "^error: there are no keys in .*\ncause: .*\ntry: start `ticklake up`")
            self.assertEqual(os.listdir(data), [])


class OtherKeys(unittest.TestCase):
    def test_a_key_may_what_its_policies_say_until_it_is_revoked(self):
        with Pipeline(*FEED) as up, tempfile.NamedTemporaryFile("w", suffix=".json") as policy:
            json.dump(READ_OWN_NAME, policy)
            policy.flush()
            alice = make_key(up.data, "alice", "--policy-file", policy.name,
                             "--policy", "AmazonS3ReadOnlyAccess")
            iam = client("iam", alice)
            wait_until(lambda: self.answers(iam.get_user), "up sees the key")
            self.assertEqual(iam.get_user()["User"]["UserName"], "alice")
            self.assertEqual(code_of(iam.list_users), "AccessDenied")
            self.assertEqual(code_of(iam.create_access_key), "AccessDenied")

            listed = [json.loads(line) for line in
                      run("key", "list", "--data", up.data, "--output", "json").stdout.splitlines()]
            self.assertEqual([(key["user"], key["status"], key["policies"]) for key in listed],
                             [("(root)", "active", "everything"),
                              ("alice", "active", "AmazonS3ReadOnlyAccess, key-create")])
            run("key", "revoke", alice["AWS_ACCESS_KEY_ID"], "--data", up.data)
            wait_until(lambda: not self.answers(iam.get_user), "up sees that it is gone")
            self.assertEqual(code_of(iam.get_user), "InvalidClientTokenId")

    @staticmethod
    def answers(call):
        from botocore.exceptions import ClientError
        try:
            call()
            return True
        except ClientError:
            return False

    def test_what_makes_no_sense_is_refused_and_changes_nothing(self):
        with Pipeline(*FEED) as up:
            first = settings(up.data)["AWS_ACCESS_KEY_ID"]
            for arguments, why in (
                    (("create",), "whose key"),
                    (("create", "--root", "--policy", "AmazonS3FullAccess"), "no policies"),
                    (("create", "bob", "--policy", "NoSuchPolicy"), "no policy NoSuchPolicy"),
                    (("create", "b/d"), "userName"),
                    (("revoke", "AKIANOBODY"), "cannot be found"),
                    (("revoke", first), "only key that may do everything")):
                done = run("key", *arguments, "--data", up.data, check=False)
                self.assertIn(done.returncode, (1, 2), arguments)
                self.assertIn(why, done.stderr)
            other = make_key(up.data, "--root")
            run("key", "revoke", first, "--data", up.data)
            self.assertEqual(settings(up.data), other)


class Reach(unittest.TestCase):
    """Who beyond this machine may come in."""

    def test_beyond_loopback_the_endpoint_wants_tls_or_to_be_told(self):
        with tempfile.TemporaryDirectory() as data:
            for address in ("0.0.0.0:0", "https://0.0.0.0:0"):
                done = run("up", "--data", data, "--aws-listen", address, check=False)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertRegex(done.stderr, "error: (will not|cannot) listen on .*0.0.0.0:0")
                self.assertIn("--tls-certificate", done.stderr)
                self.assertEqual(os.listdir(data), [])

    def test_clients_that_trust_its_certificate_speak_tls_with_it(self):
        with tempfile.TemporaryDirectory() as folder:
            certificate, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                            "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate,
                            "-days", "2", "-subj", "/CN=localhost", "-addext",
                            "subjectAltName=DNS:localhost,IP:127.0.0.1"],
                           check=True, capture_output=True)
            up = Pipeline(*FEED, "--tls-certificate", certificate, "--tls-key", key)
            up.aws_listen = f"https://0.0.0.0:{free_port()}"
            with up:
                given = settings(up.data)
                self.assertRegex(given["AWS_ENDPOINT_URL"], "^https://localhost:")
                sts = client("sts", given, verify=certificate)
                self.assertEqual(sts.get_caller_identity()["Account"], "000000000000")

    def test_with_a_second_key_the_page_stays_on_loopback(self):
        with Pipeline(*FEED, "--insecure") as up:
            up.stop()
            make_key(up.data, "alice")
            for aws in ("127.0.0.1:0", "none"):
                done = run("up", "--data", up.data, "--kafka-listen", "127.0.0.1:0", "--insecure",
                           "--http-listen", f"0.0.0.0:{free_port()}", "--aws-listen", aws, *FEED,
                           check=False)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn("the page asks nobody who he is", done.stderr)

    def test_a_key_that_is_made_meanwhile_closes_an_open_page_to_other_machines(self):
        own_address = self.own_address()
        if own_address is None:
            self.skipTest("this machine has no address besides loopback")
        up = Pipeline(*FEED, "--insecure")
        port = up.url.rsplit(":", 1)[1]
        up.http_listen = f"0.0.0.0:{port}"
        with up:
            def answers(host):
                try:
                    with socket.create_connection((host, int(port)), timeout=10) as connection:
                        connection.sendall(f"GET /health/live HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n".encode())
                        return connection.recv(100).startswith(b"HTTP/1.1 200")
                except ConnectionError:
                    return False
            self.assertTrue(answers(own_address))
            make_key(up.data, "alice")
            wait_until(lambda: not answers(own_address), "the page is closed")
            self.assertTrue(answers("127.0.0.1"))

    @staticmethod
    def own_address():
        found = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=False)
        addresses = [word for word in found.stdout.split() if "." in word]
        return addresses[0] if addresses else None

    def test_a_port_in_use_is_said_clearly(self):
        with socket.create_server(("127.0.0.1", 0)) as other, tempfile.TemporaryDirectory() as data:
            address = f"127.0.0.1:{other.getsockname()[1]}"
            done = run("up", "--data", data, "--kafka-listen", "127.0.0.1:0", "--http-listen",
                       "127.0.0.1:0", "--aws-listen", address, *FEED, check=False)
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertIn(f"error: cannot listen on {address}", done.stderr)
            self.assertIn("--aws-listen", done.stderr)

    def test_none_serves_no_aws_clients(self):
        up = Pipeline(*FEED)
        up.aws_listen = "none"
        with up:
            self.assertNotIn("AWS", up.log())
            self.assertNotIn("aws", up.status())


class LeastPolicies(unittest.TestCase):
    def test_each_is_a_policy_of_iam_that_allows_no_service_whole(self):
        with Pipeline(*FEED) as up:
            iam = client("iam", settings(up.data))
            iam.create_user(UserName="least")
            for part in ("sink", "crawler", "query"):
                text = run("iam", "policy", "--for", part, "--bucket", "ticks").stdout
                if part != "crawler":  # its role also writes a log, which is no service here
                    iam.put_user_policy(UserName="least", PolicyName="one", PolicyDocument=text)
                for statement in json.loads(text)["Statement"]:
                    self.assertNotIn("*", "".join(statement["Action"]))
                    self.assertNotIn("*", statement["Resource"])
            done = run("iam", "policy", "--for", "sink", "--bucket", "No_Bucket", check=False)
            self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main()
