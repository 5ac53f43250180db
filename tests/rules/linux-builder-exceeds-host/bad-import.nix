{
  imports = [ ./on.nix ];
  nix.linux-builder.config.virtualisation.darwin-builder = {
    memorySize = 24576;
    diskSize = 81920;
  };
}
