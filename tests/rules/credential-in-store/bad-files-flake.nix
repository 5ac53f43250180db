{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  outputs =
    { nixpkgs, ... }:
    {
      nixosConfigurations.box = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          (
            { pkgs, ... }:
            {
              nix.settings.secret-key-files = [ ./cache.key ];
              nix.settings.netrc-file = "${./netrc}";
              nix.buildMachines = [
                {
                  hostName = "builder.acme.example";
                  system = "x86_64-linux";
                  sshKey = "${./id_builder}";
                }
              ];
            }
          )
        ];
      };
    };
}
