#!/bin/sh
# The post-build-hook: notes what was built and returns at once. Nix waits for it, and gives up when
# it fails, so that an upload does not belong here; upload-queued.sh does it afterwards.
set -u
set -f
queue=${NIX_CACHE_QUEUE:-/var/lib/nix-cache-queue}
name=${DRV_PATH:?is what Nix built}
name=${name##*/}
# Nix 2.8 says nothing about the outputs.
built=${OUT_PATHS:-$(nix-store --query --outputs "$DRV_PATH")}

umask 077
# shellcheck disable=SC2086 # A list of paths that have no blanks.
if mkdir -p "$queue" && printf '%s\n' $built >"$queue/.$name" && mv "$queue/.$name" "$queue/$name"; then
  :
else
  echo "queue-for-cache: $name is not noted for the cache" >&2
fi
exit 0
