{ lib, extra, ... }:
{
  nix.settings = {
    max-jobs = 4;
  }
  // extra
  // lib.genAttrs extra.names (_: true);
}
