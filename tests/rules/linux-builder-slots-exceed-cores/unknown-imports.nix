{ self, ... }:
{
  nix.linux-builder = {
    enable = true;
    maxJobs = 16;
    config.imports = [ self.nixosModules.builder ];
  };
}
