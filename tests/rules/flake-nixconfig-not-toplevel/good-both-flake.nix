{
  nixConfig.extra-experimental-features = [ "ca-derivations" ];
  outputs = _: {
    nixConfig.extra-experimental-features = [ "ca-derivations" ];
  };
}
