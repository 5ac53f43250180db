{
  nix.settings = {
    # Because I work off-line for weeks and rebuild everything.
    keep-outputs = true;
  };
}
