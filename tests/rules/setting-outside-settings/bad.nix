{
  nix = {
    # both for long builds
    max-silent-time = 3600;
    keep-going = true;
    gc.automatic = true;
  };
}
