{
  nix.settings = {
    accept-flake-config = true;
    fallback = true;
  };
}
