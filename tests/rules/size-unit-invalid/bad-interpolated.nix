let
  gigabytes = 5;
in
{
  nix.settings.min-free = "${toString gigabytes}GiB";
}
