{
  nix.linux-builder = {
    enable = true;
    systems = [ "aarch64-linux" "x86_64-linux" ];
    config.boot.binfmt.emulatedSystems = [ "x86_64-linux" ];
  };
}
