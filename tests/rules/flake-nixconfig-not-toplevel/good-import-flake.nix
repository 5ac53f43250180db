{
  outputs = _: {
    # for the flakes of the other teams
    nixConfig = import ./caches.nix;
  };
}
