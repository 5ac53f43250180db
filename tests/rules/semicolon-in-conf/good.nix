{
  nix.extraOptions = ''
    keep-outputs = true
    bash-prompt = ready;
  '';
}
