{
  nix.linux-builder = {
    enable = true;
    systems = [ "aarch64-linux" ];
  };
}
