{ lib, ... }:
{
  nix.settings.ssl-cert-file = lib.mkForce "certs/ca.crt";
}
