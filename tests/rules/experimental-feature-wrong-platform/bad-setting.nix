{
  nix = {
    settings = {
      extra-experimental-features = [ "cgroups" ];
      use-cgroups = true;
    };
  };
}
