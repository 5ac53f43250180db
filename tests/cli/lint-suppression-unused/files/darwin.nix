{
  nixpkgs.hostPlatform = "aarch64-darwin";
  # nixtune: allow(deprecated-setting-alias, removed-option) one of them is needed
  nix.settings = {
    gc-keep-outputs = false;
    # nixtune: allow(gc-absent) not looked at in this run
    cores = 4;
  };
  nix.extraOptions = ''
    # nixtune: allow(integer-auto-invalid)
    max-substitution-jobs = auto
  '';
}
