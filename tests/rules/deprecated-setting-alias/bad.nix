{
  nix.settings = {
    # for direnv
    gc-keep-outputs = true;
    gc-keep-derivations = true;
    build-timeout = 3600;
  };
}
