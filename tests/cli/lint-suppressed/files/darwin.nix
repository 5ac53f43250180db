# nixtune: ignore-file[gc-absent]
{
  system.stateVersion = 6;
  nixpkgs.hostPlatform = "aarch64-darwin";
  nix.settings = {
    # nixtune: ignore[deprecated-setting-alias] shared with an old machine
    gc-keep-outputs = false;
    cores = "auto"; # nixtune: ignore[integer-auto-invald]
  };
}
