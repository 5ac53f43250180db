{
  description = "acme";
  nixConfig = {
    extra-subsituters = [ "https://nix-community.cachix.org" ];
  };
  outputs = { self }: { };
}
