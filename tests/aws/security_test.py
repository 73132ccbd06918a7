"""Requests that must not succeed: each is refused with AWS's own code, and leaves nothing."""

import datetime
import hashlib
import hmac
import http.client
import unittest
import urllib.parse
import xml.etree.ElementTree

import boto3
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, HmacV1QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from endpoint import Endpoint, REGION

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
KEY_ID_OF_NOBODY = "AKIAIOSFODNN7EXAMPLE"


class SecurityTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.endpoint = Endpoint().start().use()
        cls.addClassCleanup(cls.endpoint.served.close)
        cls.s3 = boto3.client("s3", config=Config(signature_version="s3v4"))
        cls.s3.create_bucket(Bucket="safe")
        cls.s3.create_bucket(Bucket="other")
        cls.s3.put_object(Bucket="safe", Key="secret", Body=b"the secret")

    def setUp(self):
        self.before = self.all_keys()

    def tearDown(self):
        self.assertEqual(self.all_keys(), self.before, "something was written")

    def all_keys(self):
        return [(bucket, c["Key"], c["ETag"]) for bucket in ("safe", "other", "lake")
                for c in self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]

    def send(self, method, target, headers=None, body=b""):
        """Byte for byte; the status, the code of the error, and the answer."""
        connection = http.client.HTTPConnection(self.endpoint.address, timeout=30)
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": self.endpoint.address, **(headers or {})}.items():
            connection.putheader(name, value)
        if "Content-Length" not in (headers or {}) and "Transfer-Encoding" not in (headers or {}):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        self.assertNotIn("Access-Control-Allow-Origin", answer.headers)
        self.assertNotIn(b"the secret", text)
        code = None
        if answer.status >= 400 and text:
            code = xml.etree.ElementTree.fromstring(text).findtext("Code")
        return answer.status, code, answer

    def signed(self, method, target, body=b"", headers=None, *, key=None, secret=None, token=None,
               payload=None):
        """The headers of Signature V4 for this very target."""
        request = AWSRequest(method, f"http://{self.endpoint.address}{target}", data=body,
                             headers=headers or {})
        credentials = Credentials(key or self.endpoint.key, secret or self.endpoint.secret, token)

        class AsItIs(S3SigV4Auth):
            def payload(self, _):
                return payload or hashlib.sha256(body).hexdigest()

            def _normalize_url_path(self, path):
                return urllib.parse.quote(urllib.parse.unquote_to_bytes(path), safe="/-._~")

        AsItIs(credentials, "s3", REGION).add_auth(request)
        return dict(request.headers.items())

    def test_unsigned_requests_learn_nothing(self):
        for method, target in (("GET", "/"), ("GET", "/safe/secret"), ("GET", "/none/none"),
                               ("PUT", "/safe/x"), ("OPTIONS", "/safe/secret"),
                               ("GET", "/safe/../lake/x")):
            for headers in ({}, {"Origin": "http://evil.example"}, {"Host": "evil.example"}):
                self.assertEqual(self.send(method, target, headers)[:2], (403, "AccessDenied"))

    def test_wrong_keys_and_secrets(self):
        for key, secret, code in ((KEY_ID_OF_NOBODY, "x", "InvalidAccessKeyId"),
                                  (None, "wrong", "SignatureDoesNotMatch")):
            headers = self.signed("GET", "/safe/secret", key=key, secret=secret)
            self.assertEqual(self.send("GET", "/safe/secret", headers)[:2], (403, code))
        headers = self.signed("GET", "/safe/secret", token="none")
        self.assertIn(self.send("GET", "/safe/secret", headers)[1], ("InvalidToken", "ExpiredToken"))

    def test_a_signature_is_of_one_request(self):
        headers = self.signed("GET", "/safe/secret")
        for method, target in (("GET", "/safe/other"), ("PUT", "/safe/secret"),
                               ("GET", "/safe/secret?acl"), ("GET", "/safe//secret")):
            self.assertEqual(self.send(method, target, headers)[1], "SignatureDoesNotMatch")
        self.assertEqual(self.send("GET", "/safe/secret", {**headers, "Host": "safe.localhost"})[1],
                         "SignatureDoesNotMatch")
        old = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=16)
        late = {**headers, "X-Amz-Date": old.strftime("%Y%m%dT%H%M%SZ")}
        # Early in the day of UTC it is of the day before, which is not the one that the key was derived for.
        self.assertIn(self.send("GET", "/safe/secret", late)[1],
                      ("RequestTimeTooSkewed", "SignatureDoesNotMatch", "AuthorizationHeaderMalformed"))

    def test_presigned_urls_that_were_changed_or_have_expired(self):
        for auth in (S3SigV4QueryAuth, HmacV1QueryAuth):
            credentials = Credentials(self.endpoint.key, self.endpoint.secret)
            arguments = ("s3", REGION) if auth is S3SigV4QueryAuth else ()
            url = f"http://{self.endpoint.address}/safe/secret"
            for expires, changes, codes in (
                    (60, lambda u: u.replace("/safe/secret", "/safe/other"), ["SignatureDoesNotMatch"]),
                    (60, lambda u: u.replace("Expires=", "Expires=9"), ["SignatureDoesNotMatch",
                     "AuthorizationQueryParametersError"]),
                    (60, lambda u: u + "&response-content-type=text/html", ["SignatureDoesNotMatch"]),
                    (-1000, lambda u: u, ["AccessDenied", "AuthorizationQueryParametersError"])):
                request = AWSRequest("GET", url)
                auth(credentials, *arguments, expires=expires).add_auth(request)
                changed = changes(request.url).removeprefix(f"http://{self.endpoint.address}")
                _, code, _ = self.send("GET", changed)
                self.assertIn(code, codes)
            request = AWSRequest("GET", url)
            auth(credentials, *arguments, expires=60).add_auth(request)
            target = request.url.removeprefix(f"http://{self.endpoint.address}")
            self.assertEqual(self.send("PUT", target, body=b"x")[1], "SignatureDoesNotMatch")

    def test_paths_that_lead_elsewhere(self):
        for target in ("/safe/../lake/_ticklake/x", "/safe/%2e%2e/other/x", "/safe/..%2f..%2fx",
                       "/safe/a/../../x", "/safe/%00", "/safe/a%00b", "/safe/%ff%fe",
                       "/safe/" + "x" * 1025, "/..%2Fsafe/x", "/../safe", "/%2e%2e/x",
                       "/SAFE/x", "/safe%2Fsecret"):
            for method, body in (("GET", b""), ("PUT", b"evil"), ("DELETE", b"")):
                headers = self.signed(method, target, body)
                status, code, _ = self.send(method, target, headers, body)
                self.assertEqual(status, 400, (method, target, code))
                self.assertIn(code, ("InvalidURI", "KeyTooLongError", "InvalidBucketName"))
        for target in ("/lake/_ticklake/x", "/lake/_ticklake"):
            self.assertEqual(self.send("GET", target, self.signed("GET", target))[1], "NoSuchKey")
            headers = self.signed("PUT", target, b"evil")
            self.assertEqual(self.send("PUT", target, headers, b"evil")[1], "AccessDenied")

    def chunked(self, chunks, decoded):
        """A body of signed chunks, and its headers; each chunk's data, and what is put in its place."""
        headers = {"x-amz-decoded-content-length": str(decoded), "Content-Encoding": "aws-chunked"}
        signed = self.signed("PUT", "/safe/x", b"", headers,
                             payload="STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
        seed = signed["Authorization"].rsplit("Signature=", 1)[1]
        date = signed["X-Amz-Date"]
        scope = f"{date[:8]}/{REGION}/s3/aws4_request"
        key = ("AWS4" + self.endpoint.secret).encode()
        for part in (date[:8], REGION, "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        body = b""
        for data, sent in [*chunks, (b"", b"")]:
            text = "\n".join(["AWS4-HMAC-SHA256-PAYLOAD", date, scope, seed, EMPTY_SHA256,
                              hashlib.sha256(data).hexdigest()])
            seed = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
            body += f"{len(sent):x};chunk-signature={seed}\r\n".encode() + sent + b"\r\n"
        return signed, body

    def test_chunks_that_are_changed_replayed_or_cut(self):
        a, b = b"a" * 8192, b"b" * 8192
        signed, whole = self.chunked([(a, a), (b, b)], 16384)
        end = len(whole) // 2 - 20
        first = whole[:len(b"2000;chunk-signature=") + 64 + 2 + 8192 + 2]
        for what, body, codes in (
                ("changed", self.chunked([(a, a), (b, a)], 16384), ["SignatureDoesNotMatch"]),
                ("replayed", (signed, first + first + whole[len(first) * 2:]),
                 ["SignatureDoesNotMatch"]),
                ("cut", (signed, whole[:end]), ["IncompleteBody"]),
                ("without its end", (signed, whole[:len(first) * 2]), ["IncompleteBody"])):
            headers, sent = body
            self.assertIn(self.send("PUT", "/safe/x", headers, sent)[1], codes, what)

    def test_bodies_that_are_not_what_was_signed(self):
        headers = self.signed("PUT", "/safe/x", b"good")
        self.assertEqual(self.send("PUT", "/safe/x", headers, b"evil")[1],
                         "XAmzContentSHA256Mismatch")
        self.assertEqual(self.send("PUT", "/safe/x", {**headers, "Content-MD5": "x"}, b"good")[1],
                         "InvalidDigest")
        unsigned = self.signed("PUT", "/safe/x", b"", payload="UNSIGNED-PAYLOAD")
        self.assertEqual(self.send("PUT", "/safe/x", {**unsigned, "Transfer-Encoding": "chunked"},
                                   b"1\r\nx\r\n0\r\n\r\n")[1], "MissingContentLength")

    def test_xml_that_is_none(self):
        for body in (b"", b"<Delete>", b"<!DOCTYPE x [<!ENTITY y 'z'>]><Delete>&y;</Delete>",
                     b"<Delete></Delete>", b"<Other/>"):
            headers = self.signed("POST", "/safe?delete", body)
            self.assertEqual(self.send("POST", "/safe?delete", headers, body)[1], "MalformedXML")


if __name__ == "__main__":
    unittest.main()
