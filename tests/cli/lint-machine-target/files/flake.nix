{
  inputs.nix-darwin.url = "github:nix-darwin/nix-darwin";
  outputs = { nix-darwin, ... }: {
    darwinConfigurations = {
      old = nix-darwin.lib.darwinSystem { system = "aarch64-darwin"; modules = [ ./common.nix ]; };
      new = nix-darwin.lib.darwinSystem { system = "aarch64-darwin"; modules = [ ./common.nix ]; };
    };
  };
}
