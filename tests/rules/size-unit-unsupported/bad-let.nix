let
  reserve = "512M";
in
{
  nix.settings.min-free = reserve;
}
