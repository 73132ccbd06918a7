"""A ticklake broker on SASL_SSL (and, for the test's own questions, on a plain port beside it), with
certificates and users made for the test. `address` is the secure one, so that what is written for
broker.Broker works on it with `options(...)` of its client added."""

import os
import pathlib
import subprocess

from broker import BINARY, Broker

USER, PASSWORD = "alice", "wonder=land,1"


def broker_under_test():
    """What a client is tried on: KAFKA_SECURITY=SASL_SSL names a secure one, none a plain one."""
    security = os.environ.get("KAFKA_SECURITY", "PLAINTEXT")
    return Broker() if security == "PLAINTEXT" else SecureBroker(security)


class Certificates:
    """A certificate authority of the test's own and what it signs, as PEM files."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ca, self.ca_key = self.folder / "ca.pem", self.folder / "ca.key"
        self._openssl("req", "-x509", *self._new_key(self.ca_key), "-out", self.ca, "-days", "2",
                      # Python asks for it from 3.13 on.
                      "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                      "-subj", "/CN=ticklake test authority")

    @staticmethod
    def _new_key(path):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path]

    @staticmethod
    def _openssl(*arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True,
                              check=False)
        assert done.returncode == 0, f"openssl {arguments}: {done.stderr}"

    def sign(self, name, subject, days=2):
        """(certificate, key) for 127.0.0.1 and localhost; with days=0 it has expired already."""
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        self._openssl("req", "-new", *self._new_key(key), "-out", request, "-subj", subject)
        extensions.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n"
                              "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
        self._openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.ca_key,
                      "-CAcreateserial", "-days", str(days), "-extfile", extensions,
                      "-out", certificate)
        return certificate, key


def ticklake(*arguments, password=None, check=True):
    environment = {**os.environ}
    if password is not None:
        environment["TICKLAKE_PASSWORD"] = password
    done = subprocess.run([BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, env=environment, timeout=60, check=False)
    if check:
        assert done.returncode == 0, f"ticklake {arguments}: {done.stderr}"
    return done


class SecureBroker(Broker):
    """protocol is SASL_SSL, SASL_PLAINTEXT or SSL; `more` are further flags of the broker."""

    def __init__(self, protocol="SASL_SSL", mutual=False, more=()):
        super().__init__()
        self.protocol = protocol
        self.plain_address = self.address
        self.secure_port = self.free_port()
        self.address = f"127.0.0.1:{self.secure_port}"
        self.certificates = Certificates(pathlib.Path(self.folder.name) / "tls")
        certificate, key = self.certificates.sign("broker", "/CN=broker")
        self.flags = ["--kafka-listen", self.plain_address,
                      "--kafka-listen", f"{protocol}://{self.address}",
                      "--tls-certificate", certificate, "--tls-key", key, *more]
        if mutual:
            self.flags += ["--tls-client-ca", self.certificates.ca]
        ticklake("user", "add", USER, "--data", self.data, password=PASSWORD)

    def listen_flags(self):
        return self.flags

    def librdkafka(self, mechanism="SCRAM-SHA-512", user=USER, password=PASSWORD):
        """The settings of librdkafka and of what is built on it."""
        settings = {"security.protocol": self.protocol,
                    "ssl.ca.location": str(self.certificates.ca)}
        if self.protocol.startswith("SASL"):
            settings |= {"sasl.mechanisms": mechanism, "sasl.username": user,
                         "sasl.password": password}
        return settings

    def driver_settings(self, mechanism="SCRAM-SHA-512", user=USER, password=PASSWORD):
        return {"bootstrap": self.address, "security": self.protocol.lower(),
                "mechanism": mechanism, "user": user, "password": password,
                "ca": self.certificates.ca}

    def kcat(self, *who, **named):
        """As arguments of kcat."""
        return [word for name, value in self.librdkafka(*who, **named).items()
                for word in ("-X", f"{name}={value}")]

    def kafka_python(self, mechanism="SCRAM-SHA-512", user=USER, password=PASSWORD):
        options = {"security_protocol": self.protocol, "ssl_cafile": str(self.certificates.ca)}
        if self.protocol.startswith("SASL"):
            options |= {"sasl_mechanism": mechanism, "sasl_plain_username": user,
                        "sasl_plain_password": password}
        return options
