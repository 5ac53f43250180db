{
  nix.settings = {
    accept-flake-config = false;
    fallback = true;
  };
}
