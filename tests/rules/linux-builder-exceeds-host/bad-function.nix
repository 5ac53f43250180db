{
  nix.linux-builder = {
    enable = true;
    config =
      { lib, pkgs, ... }:
      {
        virtualisation.darwin-builder.memorySize = 32 * 1024;
        virtualisation.cores = lib.mkForce 4;
        environment.systemPackages = [ pkgs.git ];
      };
  };
}
