{
  nixpkgs.hostPlatform = {
    system = "x86_64-linux";
    gcc.arch = "znver4";
  };
  nix.channel.enable = true;
  nix.settings.cores = 4;
}
