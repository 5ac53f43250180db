{ value, ... }:
{
  nix.extraOptions = ''
    keep-outputs = ${value};
  '';
}
