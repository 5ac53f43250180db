{
  nix.extraOptions = "trusted-users = root @wheel";
}
