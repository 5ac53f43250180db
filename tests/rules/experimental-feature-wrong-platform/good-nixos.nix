{
  nix.settings = {
    experimental-features = [ "nix-command" "flakes" "cgroups" "auto-allocate-uids" ];
    use-cgroups = true;
    auto-allocate-uids = true;
  };
}
