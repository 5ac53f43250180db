# nixtune: allow-file(gc-absent)
{
  system.stateVersion = 6;
  nixpkgs.hostPlatform = "aarch64-darwin";
  nix.settings = {
    # nixtune: allow(deprecated-setting-alias) shared with an old machine
    gc-keep-outputs = false;
    cores = "auto"; # nixtune: allow(integer-auto-invald)
  };
}
