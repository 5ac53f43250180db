{
  nix.settings.netrc-file = "~/.netrc";
}
