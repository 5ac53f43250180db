{
  nixConfig = import ./config.nix;
  outputs = _: { };
}
