{ lib, ... }:
{
  nix = {
    enable = lib.mkForce false;
    extraOptions = ''
      keep-outputs = true
    '';
  };
}
