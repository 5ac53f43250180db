{ lib, ... }:
{
  nix = {
    configureBuildUsers = true;
    gc = {
      automatic = true;
      user = "root";
    };
    daemonNiceLevel = 10;
    readOnlyStore = true;
  };
}
