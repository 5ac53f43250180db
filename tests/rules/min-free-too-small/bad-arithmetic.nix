let
  MiB = 1024 * 1024;
in
{
  nix.settings.min-free = 512 * MiB;
}
