{
  nixConfig = {
    extra-substituters = [ "https://nix-community.cachix.org" ];
    bash-prompt = "dev> ";
  };
  outputs = _: { };
}
