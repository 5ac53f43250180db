{ pkgs, ... }:
{
  nix.gc.automatic = true;
  environment.systemPackages = [
    (pkgs.writeShellScriptBin "tidy" ''
      nix-env --profile /nix/var/nix/profiles/system --delete-generations +5
    '')
  ];
}
