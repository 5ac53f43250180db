#!/usr/bin/env python3
"""Times `nixtune analyze` side by side with Nix itself, in one run.

    benches/analyze.py NIXTUNE [NIX_BIN] [--paths 200000] [--queries 2000] [--delay-ms 50] [--limit-secs 300]

NIXTUNE is a release build, NIX_BIN the folder with `nix` and `nix-store` (else those on the PATH).

store  a database of so many paths, each with three references, in a store of its own; a twentieth of
       them are reached by roots. `nix path-info --all --json -S` sizes closures, `nix-store --gc
       --print-dead` finds what is dead; nixtune does both.
cache  so many paths that a cache does not have: nginx on loopback, on a line that takes half of the delay
       in each direction, without TLS (HTTP/1.1) and with it (HTTP/2). `nix path-info --store` asks for
       them, and so does nixtune.
"""

import argparse
import asyncio
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

DIGITS = "0123456789abcdfghijklmnpqrsvwxyz"


def hashed(number):
    """32 digits that spread like those of real paths."""
    value = (number * 0x9E3779B97F4A7C15F39CC0605CEDC835) % (1 << 160)
    return "".join(DIGITS[(value >> (5 * digit)) & 31] for digit in range(32))


def timed(arguments, env, limit, stdin=None):
    started = time.monotonic()
    try:
        done = subprocess.run(arguments, env=env, capture_output=True, timeout=limit, input=stdin)
    except subprocess.TimeoutExpired:
        return None, time.monotonic() - started, None
    return done, time.monotonic() - started, done.stdout


def row(what, seconds, ours, done):
    more = "" if done else "more than "
    print(f"  {what:<44} {more}{seconds:8.2f} s   {more}{seconds / ours:.0f} times nixtune")


def store(args, nix, work):
    env = dict(
        os.environ,
        NIX_STORE_DIR=f"{work}/store",
        NIX_STATE_DIR=f"{work}/state",
        NIX_LOG_DIR=f"{work}/log",
        NIX_CONF_DIR=f"{work}/conf",
        HOME=work,
    )
    for part in ("store", "conf"):
        os.makedirs(f"{work}/{part}")
    with open(f"{work}/conf/nix.conf", "w") as conf:
        conf.write("build-users-group =\nexperimental-features = nix-command\nsubstituters =\n")
    subprocess.run([f"{nix}/nix-store", "--init"], env=env, check=True)
    database = sqlite3.connect(f"{work}/state/db/db.sqlite")
    names = [f"{work}/store/{hashed(n)}-package-{n}" for n in range(args.paths)]
    for name in names:
        open(name, "w").close()
    database.executemany(
        "INSERT INTO ValidPaths (id, path, hash, registrationTime, deriver, narSize) VALUES (?, ?, ?, ?, NULL, ?)",
        ((n + 1, name, "sha256:" + "0" * 64, 1700000000 + n, 1000 + n % 5000) for n, name in enumerate(names)),
    )
    database.executemany(
        "INSERT OR IGNORE INTO Refs VALUES (?, ?)",
        ((n + 1, n // by + 1) for n in range(1, args.paths) for by in (2, 3, 5)),
    )
    database.commit()
    database.close()
    os.makedirs(f"{work}/state/gcroots", exist_ok=True)
    for n in range(0, args.paths, 20):
        os.symlink(names[n], f"{work}/state/gcroots/root-{n}")

    print(f"store of {args.paths} paths")
    done, ours, out = timed([args.nixtune, "analyze", "store", "--format", "json"], env, args.limit_secs)
    found = json.loads(out)
    print(f"  {'nixtune analyze store':<44} {ours:8.2f} s")
    done, seconds, out = timed([f"{nix}/nix-store", "--gc", "--print-dead"], env, args.limit_secs)
    row("nix-store --gc --print-dead", seconds, ours, done)
    if done:
        assert found["dead_paths"] == len(out.split()), (found["dead_paths"], len(out.split()))
        print(f"  both find {found['dead_paths']} dead paths")
    done, seconds, out = timed([f"{nix}/nix", "path-info", "--all", "--json", "-S"], env, args.limit_secs)
    row("nix path-info --all --json -S", seconds, ours, done)


class Delay:
    """A way to a server on which everything takes half a delay in each direction, as on a long line."""

    def __init__(self, port, delay_ms):
        self.target, self.half_secs = port, delay_ms / 2000
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        begun = asyncio.run_coroutine_threadsafe(asyncio.start_server(self.joined, "127.0.0.1", 0), self.loop)
        self.port = begun.result().sockets[0].getsockname()[1]

    async def joined(self, reader, writer):
        # The handshake of TCP takes a way there and back, too.
        await asyncio.sleep(2 * self.half_secs)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(self.carry(reader, far_writer), self.carry(far_reader, writer))

    async def carry(self, reader, writer):
        while True:
            try:
                data = await reader.read(1 << 16)
            except ConnectionError:
                data = b""
            self.loop.call_later(self.half_secs, self.arrive, writer, data)
            if not data:
                return

    @staticmethod
    def arrive(writer, data):
        if writer.is_closing():
            return
        if data:
            writer.write(data)
        else:
            writer.close()


NGINX = """daemon off; master_process off; pid {work}/pid; error_log {work}/error; worker_rlimit_nofile 8192;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 100000; client_body_temp_path {work}/t1; proxy_temp_path {work}/t2;
fastcgi_temp_path {work}/t3; uwsgi_temp_path {work}/t4; scgi_temp_path {work}/t5; root {work}/served;
server {{ listen 127.0.0.1:{plain}; }}
server {{ listen 127.0.0.1:{tls} ssl http2; ssl_certificate {work}/s.pem; ssl_certificate_key {work}/s.key; }} }}
"""


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def served(work):
    """nginx with an empty cache; its ports without and with TLS."""
    os.makedirs(f"{work}/served")
    with open(f"{work}/served/nix-cache-info", "w") as info:
        info.write("StoreDir: /nix/store\nWantMassQuery: 1\nPriority: 40\n")
    for arguments in (
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=lab "
        "-addext basicConstraints=critical,CA:TRUE",
        "req -newkey rsa:2048 -nodes -keyout s.key -out s.csr -subj /CN=localhost",
        "x509 -req -in s.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out s.pem -days 2 -extfile ext",
    ):
        with open(f"{work}/ext", "w") as extensions:
            extensions.write("subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n")
        subprocess.run(["openssl", *arguments.split()], cwd=work, check=True, capture_output=True)
    plain, tls = free_port(), free_port()
    with open(f"{work}/nginx.conf", "w") as conf:
        conf.write(NGINX.format(work=work, plain=plain, tls=tls))
    path = os.environ["PATH"] + ":/usr/sbin"
    program = shutil.which("nginx", path=path) or sys.exit("no nginx; run tests/set-up")
    server = subprocess.Popen([program, "-c", f"{work}/nginx.conf", "-e", f"{work}/error"])
    for _ in range(1000):
        try:
            socket.create_connection(("127.0.0.1", tls)).close()
            return server, plain, tls
        except OSError:
            time.sleep(0.01)
    sys.exit("nginx does not start")


def cache(args, nix, work):
    server, plain, tls = served(work)
    try:
        for scheme, port in (("http", plain), ("https", tls)):
            cache_over(args, nix, work, f"{scheme}://localhost:{Delay(port, args.delay_ms).port}")
    finally:
        server.terminate()
        server.wait()


def cache_over(args, nix, work, url):
    paths = [f"/nix/store/{hashed(n)}-package-{n}" for n in range(args.queries)]
    env = dict(
        os.environ,
        HOME=f"{work}/home",
        NIX_REMOTE="",
        NIX_SSL_CERT_FILE=f"{work}/ca.pem",
        XDG_CACHE_HOME=f"{work}/{url.split(':')[0]}",
    )
    arguments = [args.nixtune, "analyze", "cache", url, "--sample", "0", "--format", "json", "--closure", "-"]
    done, ours, out = timed(arguments, env, args.limit_secs, "\n".join(paths).encode())
    found = json.loads(out)
    assert len(found["closure"]["missing"]) == args.queries
    protocol = found["caches"][0]["protocol"]
    print(f"{args.queries} paths that a cache does not have, {args.delay_ms} ms away, {protocol}")
    print(f"  {'nixtune analyze cache':<44} {ours:8.2f} s")
    arguments = [f"{nix}/nix", "--extra-experimental-features", "nix-command", "path-info", "--json", "--store", url]
    done, seconds, out = timed(arguments + paths, env, args.limit_secs)
    row("nix path-info --store", seconds, ours, done)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nixtune")
    parser.add_argument("nix", nargs="?", default=os.path.dirname(shutil.which("nix-store") or ""))
    parser.add_argument("--paths", type=int, default=200_000)
    parser.add_argument("--queries", type=int, default=2_000)
    parser.add_argument("--delay-ms", type=int, default=50)
    parser.add_argument("--limit-secs", type=int, default=300)
    args = parser.parse_args()
    args.nixtune = os.path.abspath(args.nixtune)
    version = subprocess.run([f"{args.nix}/nix", "--version"], capture_output=True, text=True).stdout.strip()
    print(version)
    with tempfile.TemporaryDirectory() as work:
        cache(args, args.nix, work)
        store(args, args.nix, work)


main()
