{
  nixConfig = import ./caches.nix;
  outputs = _: { };
}
