{ lib, ... }:
{
  determinate-nix.customSettings.ssl-cert-file = lib.mkForce "/etc/ssl/corp.pem";
  determinate-nix.customSettings.eval-cores = 0;
}
