{
  nix.settings.substituters = [ "file:///mnt/stick?trusted=1" ];
}
