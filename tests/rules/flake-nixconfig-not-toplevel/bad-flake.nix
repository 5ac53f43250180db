{
  description = "acme";
  outputs =
    { self, ... }:
    {
      # the cache of this project
      nixConfig = {
        extra-substituters = [ "https://nix-community.cachix.org" ];
      };
    };
}
