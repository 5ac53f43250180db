#!/bin/sh
# Uploads what queue-for-cache.sh noted: at the end of a CI job, or from a timer. What could not be
# uploaded stays in the queue for the next time.
set -eu
queue=${NIX_CACHE_QUEUE:-/var/lib/nix-cache-queue}
to=${1:-'ssh-ng://nix-ssh@cache.example.org'}

# What is noted while this runs is for the next time as well.
set -- "$queue"/*
[ -e "$1" ] || exit 0

# A collection may have taken some of it meanwhile.
paths=$(sort -u "$@" | while read -r path; do
  if [ -e "$path" ]; then
    printf '%s\n' "$path"
  fi
done)
if [ -n "$paths" ]; then
  printf '%s\n' "$paths" | xargs nix --extra-experimental-features nix-command copy --to "$to"
fi
rm -f "$@"
