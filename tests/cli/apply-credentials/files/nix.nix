{ pkgs, ... }:
let
  githubToken = "k3jh4kjh5k3jh4kjh5";
in
{
  nix.settings.access-tokens =
    "github.com=${githubToken} gitlab.com=q8w7e6r5t4q8w7e6r5t4";
  nix.settings.extra-access-tokens = ''
    git.acme.example=m1n2b3v4c5m1n2b3v4c5
  '';
  nix.settings.substituters = [
    "https://alice:hunter2hunter2@cache.acme.example"
    "https://alice:hunter2hunter2@cache.acme.example/"
    "http://z9x8c7v6b5z9x8c7v6b5@cache.acme.example"
  ];
  nix.settings.netrc-file = pkgs.writeText "netrc" ''
    machine cache.acme.example
    login alice
    password correcthorsebattery
  '';
}
