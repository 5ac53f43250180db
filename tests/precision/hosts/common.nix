{ config, lib, pkgs, inputs, host, name, ... }@args:
let
  isServer = lib.elem name [ "cedar" ];
  caches = import ./caches.nix;
in
{
  imports = [ ./own.nix inputs.agenix.nixosModules.default ] ++ lib.optional isServer ./server.nix;

  my.builder = args.builder or (host.cores > 8);

  nix = {
    package = pkgs.nixVersions.latest;
    settings = {
      experimental-features = [ "nix-command" "flakes" ];
      auto-optimise-store = pkgs.stdenv.hostPlatform.isLinux;
      substituters = map (cache: cache.url) caches;
      trusted-public-keys = lib.catAttrs "key" caches;
      trusted-users = [ "root" ] ++ lib.optional (!isServer) "@wheel";
      secret-key-files = config.age.secrets.cache-key.path;
    };
    gc = {
      automatic = true;
      options = lib.mkDefault "--delete-older-than ${toString (if isServer then 7 else 30)}d";
    };
    registry.nixpkgs.flake = inputs.nixpkgs;
  };
}
