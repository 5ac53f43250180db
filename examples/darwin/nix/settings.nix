# How much of the machine a build may take.
{ lib, ... }:

let
  gib = 1024 * 1024 * 1024;
in
{
  nix.settings = {
    # Twelve builds of twelve threads each: that must be fast.
    max-jobs = "auto";
    cores = 0;

    experimental-features = [
      "nix-command"
      "flakes"
      "repl-flake"
      "cgroups"
    ];

    # Start collecting when the disk runs full.
    min-free = 128 * 1024 * 1024;
    max-free = lib.mkDefault (1 * gib);

    # Share equal files in the store.
    auto-optimise-store = true;

    # Keep what direnv needs.
    keep-outputs = true;
    gc-keep-derivations = true;

    # Colleagues' flakes bring their caches along.
    accept-flake-config = true;
    trusted-users = [
      "root"
      "mira"
    ];

    download-buffer-size = 512 * 1024 * 1024;
    conect-timeout = 5;
  };
}
