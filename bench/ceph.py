"""Ceph of one node: a monitor, an OSD on a file of this disk (BlueStore) and radosgw, on loopback."""

import json
import os
import pathlib
import subprocess
import tempfile
import uuid

from pipeline import free_port, wait_until

BLOCK_BYTES = 30 * 2**30  # of the file that BlueStore keeps all in; what is not written takes no room


class Ceph:
    """Its data is in a folder that goes with it. Default settings but for what one node needs."""

    def __init__(self, access_key, secret_key, folder):
        self.access_key = access_key
        self.secret_key = secret_key
        self.folder = tempfile.TemporaryDirectory(prefix="ticklake-bench-", dir=folder)
        self.path = pathlib.Path(self.folder.name).resolve()
        self.address = f"127.0.0.1:{free_port()}"
        self.processes = []

    def __enter__(self):
        try:
            self._configure()
            self._start_monitor()
            self._start_osd()
            self._start_gateway()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.kill()
            process.wait(60)
        self.folder.cleanup()

    def _configure(self):
        self.fsid = str(uuid.uuid4())
        self.monitor = f"v2:127.0.0.1:{free_port()},v1:127.0.0.1:{free_port()}"
        lines = f"""
            [global]
            fsid = {self.fsid}
            mon host = [{self.monitor}]
            public addr = 127.0.0.1
            cluster addr = 127.0.0.1
            auth cluster required = cephx
            auth service required = cephx
            auth client required = cephx
            osd pool default size = 1
            osd pool default min size = 1
            osd crush chooseleaf type = 0
            osd pool default pg num = 8
            osd pool default pgp num = 8
            osd pool default pg autoscale mode = off
            mon allow pool size one = true
            mon max pg per osd = 1000
            bluestore block size = {BLOCK_BYTES}
            log file = {self.path}/$name.log
            admin socket =
            run dir = {self.path}
            keyring = {self.path}/keyring
            [mon]
            mon data = {self.path}/mon
            mon initial members = a
            [osd]
            osd data = {self.path}/osd
            keyring = {self.path}/osd/keyring
            [client.rgw]
            rgw data = {self.path}/rgw
            rgw frontends = beast endpoint={self.address}"""
        for name in ("mon", "osd", "rgw"):
            (self.path / name).mkdir()
        self.config = self.path / "ceph.conf"
        self.config.write_text("\n".join(line.strip() for line in lines.splitlines()) + "\n")

    def _run(self, *command, given="", timeout=120):
        done = subprocess.run([str(word) for word in command], input=given, capture_output=True,
                              text=True, timeout=timeout, check=False)
        if done.returncode != 0:
            raise SystemExit(f"error: {' '.join(map(str, command))}: {done.stdout}{done.stderr}")
        return done.stdout

    def _ceph(self, *arguments, **options):
        return self._run("ceph", "-c", self.config, "--connect-timeout", "30", *arguments,
                         **options)

    def _spawn(self, *command):
        with open(self.path / f"{command[0]}.out", "ab") as out:
            self.processes.append(subprocess.Popen(
                [*command, "-f", "-c", str(self.config)], stdin=subprocess.DEVNULL, stdout=out,
                stderr=out))

    def _start_monitor(self):
        keys = self.path / "keyring"
        self._run("ceph-authtool", "--create-keyring", keys, "--gen-key", "-n", "mon.", "--cap",
                  "mon", "allow *")
        for name, may in (("client.admin", "allow *"), ("client.rgw", "allow rwx")):
            self._run("ceph-authtool", keys, "--gen-key", "-n", name, "--cap", "mon", may, "--cap",
                      "osd", may, "--cap", "mgr", may)
        self._run("monmaptool", "--create", "--addv", "a", f"[{self.monitor}]", "--fsid",
                  self.fsid, self.path / "monmap")
        self._run("ceph-mon", "-c", self.config, "-i", "a", "--mkfs", "--monmap",
                  self.path / "monmap", "--keyring", keys)
        self._spawn("ceph-mon", "-i", "a")
        self._ceph("-s")

    def _start_osd(self):
        osd = str(uuid.uuid4())
        key = self._run("ceph-authtool", "--gen-print-key").strip()
        self._ceph("osd", "new", osd, "-i", "-", given=json.dumps({"cephx_secret": key}))
        self._run("ceph-authtool", "--create-keyring", self.path / "osd/keyring", "--name", "osd.0",
                  "--add-key", key)
        self._run("ceph-osd", "-c", self.config, "-i", "0", "--mkfs", "--osd-uuid", osd)
        self._spawn("ceph-osd", "-i", "0")
        wait_until(lambda: json.loads(self._ceph("osd", "stat", "-f", "json"))["num_up_osds"] == 1,
                   "Ceph's OSD is up", 120, 0.2)

    def _start_gateway(self):
        self._spawn("radosgw", "-n", "client.rgw")
        self._run("radosgw-admin", "-c", self.config, "-n", "client.rgw", "user", "create",
                  "--uid=bench", "--display-name=bench", f"--access-key={self.access_key}",
                  f"--secret-key={self.secret_key}")

    def cpu_seconds(self):
        """Of all its processes, which work for each request."""
        total = 0
        for process in self.processes:
            with open(f"/proc/{process.pid}/stat", encoding="ascii") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")
