{
  nix.extraOptions = ''
    # keep what direnv needs
    gc-keep-outputs = true
    max-jobs = 4
  '';
}
