{
  nix.settings = {
    keep-outputs = true;
    # the old name
    gc-keep-outputs = true;
  };
}
