#!/usr/bin/env python3
"""Times `nixtune analyze` side by side with Nix itself, in one run.

    benches/analyze.py NIXTUNE [NIX_BIN] [--paths 200000] [--queries 2000] [--delay-ms 50] [--limit-secs 300]

NIXTUNE is a release build, NIX_BIN the folder with `nix` and `nix-store` (else those on the PATH).

store  a database of so many paths, each with three references, in a store of its own; a twentieth of
       them are reached by roots. `nix path-info --all --json -S` sizes closures, `nix-store --gc
       --print-dead` finds what is dead; nixtune does both.
cache  so many paths that a cache on loopback does not have, each answer after a delay.
       `nix path-info --store` asks for them, and so does nixtune.
"""

import argparse
import http.server
import json
import os
import shutil
import sqlite3
import subprocess
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


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    delay = 0.05

    def do_GET(self):
        time.sleep(self.delay)
        is_info = self.path == "/nix-cache-info"
        body = b"StoreDir: /nix/store\nWantMassQuery: 1\nPriority: 40\n" if is_info else b"404"
        self.wfile.write(
            b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (200 if is_info else 404, len(body)) + body
        )

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


def cache(args, nix, work):
    Handler.delay = args.delay_ms / 1000
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    paths = [f"/nix/store/{hashed(n)}-package-{n}" for n in range(args.queries)]
    env = dict(os.environ, HOME=f"{work}/home", XDG_CACHE_HOME=f"{work}/cache", NIX_REMOTE="")
    print(f"{args.queries} paths that a cache does not have, {args.delay_ms} ms each")
    arguments = [args.nixtune, "analyze", "cache", url, "--sample", "0", "--format", "json", "--closure", "-"]
    done, ours, out = timed(arguments, env, args.limit_secs, "\n".join(paths).encode())
    assert len(json.loads(out)["closure"]["missing"]) == args.queries
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
