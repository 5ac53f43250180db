{ lib, ... }:
{
  imports = [ ./more.nix ];
  nix = {
    settings.keep-outputs = true;
  }
  // lib.mkMerge [ { settings.max-jobs = 2; } ];
}
