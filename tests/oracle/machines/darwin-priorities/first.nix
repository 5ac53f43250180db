# More of the same settings.
{ lib, ... }:

{
  nix.settings = {
    max-jobs = 4;
    cores = 2;
    substituters = lib.mkBefore [ "https://first.example.org" ];
    allowed-users = [ "@staff" ];
    sandbox = "relaxed";
    log-lines = lib.mkOverride 90 50;
  };
  nix.extraOptions = ''
    keep-going = false
  '';
}
