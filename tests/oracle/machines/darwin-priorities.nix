# nix-darwin: priorities, order and text, over two files.
{ lib, ... }:

{
  imports = [ ./darwin-priorities/first.nix ./darwin-priorities/second.nix ];

  system.stateVersion = 6;
  nixpkgs.hostPlatform = "aarch64-darwin";

  nix.settings = {
    max-jobs = lib.mkForce 6;
    cores = lib.mkDefault 3;
    substituters = [ "https://root.example.org" ];
    extra-substituters = [ "https://extra.example.org" ];
    trusted-users = lib.mkForce [ "mira" ];
    trusted-public-keys = lib.mkBefore [ "root-1:+OVUFMCqJ0ZhXbwVXSX1OJ6B4ngPmC3VPjPUqzKlHCQ=" ];
    keep-outputs = true;
    nix-path = null;
  };
  nix.extraOptions = lib.mkBefore ''
    # Said again below.
    keep-going = true
    gc-keep-outputs = false
  '';
}
