{
  nixConfig = {
    timeout = 1.5;
    flake-registry = null;
    access-tokens = { "github.com" = ""; };
    extra-experimental-features = [ 1 ];
  };
  outputs = _: { };
}
