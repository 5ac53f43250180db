{
  nix.extraOptions = ''
    bash-prompt = [nix#1]$
  '';
}
