{ mib, ... }:
{
  nix.settings.download-buffer-size = 512 * mib;
}
