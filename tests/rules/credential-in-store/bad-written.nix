{ pkgs, ... }:
{
  nix.settings.netrc-file = pkgs.writeText "netrc" ''
    machine cache.acme.example
    login alice
    password hunter2hunter2
  '';
  nix.buildMachines = [
    {
      hostName = "builder.acme.example";
      system = "x86_64-linux";
      sshKey = builtins.toFile "id" "k3jh4kjh5k3jh4kjh5";
    }
  ];
}
