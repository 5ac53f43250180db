{
  nix.settings.accept-flake-config = true; # no more prompts
  nix.settings.trusted-users = [ "root" "alice" ];
}
