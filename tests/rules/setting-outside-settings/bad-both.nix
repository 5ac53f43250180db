{
  nix.keep-going = true;
  nix.settings.keep-going = true;
}
