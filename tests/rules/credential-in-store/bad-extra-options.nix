{
  nix.extraOptions = ''
    extra-access-tokens = gitlab.com=PAT:0123456789abcdef:glpat-0123456789abcdefgh
  '';
}
