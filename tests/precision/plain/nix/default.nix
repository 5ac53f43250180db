{ lib, config, ... }:
with lib;
{
  nix = {
    useSandbox = true;
    maxJobs = mkDefault 4;
    gc = rec {
      automatic = true;
      dates = "weekly";
      options = "--delete-older-than " + (if dates == "weekly" then "14d" else "30d");
    };
    settings = mkMerge [
      { min-free = toString (1024 * 1024); }
      (mkIf (config.fileSystems."/".fsType == "btrfs") { fsync-metadata = false; })
      (mkIf config.services.hydra.enable { keep-outputs = true; })
    ];
  };
}
