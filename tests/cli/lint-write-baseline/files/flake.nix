{
  nixConfig.accept-flake-config = true;
  outputs = _: {
    nixosModules.a = {
      nix.settings.access-tokens = "github.com=ghp_0123456789012345678901234567890123ab";
      nix.settings.gc-keep-outputs = true;
      nix.settings.trusted-users = [ "*" ];
    };
  };
}
