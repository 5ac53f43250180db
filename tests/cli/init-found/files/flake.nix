{
  inputs.nix-darwin.url = "github:nix-darwin/nix-darwin";
  outputs = { nix-darwin, ... }: {
    darwinConfigurations.mbp = nix-darwin.lib.darwinSystem {
      system = "aarch64-darwin";
      modules = [ { nix.settings.keep-going = true; } ];
    };
  };
}
