{
  description = "acme";

  nixConfig = {
    # nobody checks these names
    extra-subsituters = [ "https://nix-community.cachix.org" ];
  };

  outputs = { self }: { };
}
# then reports: substituter-without-key
