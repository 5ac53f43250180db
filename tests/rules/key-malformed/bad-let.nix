let
  acmeKey = "acme-1:";
in
{
  nix.settings.trusted-public-keys = [ acmeKey ];
}
