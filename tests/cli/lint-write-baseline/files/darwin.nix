{
  nixpkgs.hostPlatform = "aarch64-darwin";
  nix.settings = {
    # Moved and indented anew since the baseline was written.
        gc-keep-outputs   =   false;
    build-max-jobs = 4;
  };
}
