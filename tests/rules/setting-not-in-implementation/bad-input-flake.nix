{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";
    lix-module.url = "https://git.lix.systems/lix-project/nixos-module/archive/2.93.3-1.tar.gz";
  };
  outputs = { nixpkgs, lix-module, ... }: {
    nixosConfigurations.web = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [
        lix-module.nixosModules.default
        { nix.settings.lazy-trees = true; }
      ];
    };
  };
}
