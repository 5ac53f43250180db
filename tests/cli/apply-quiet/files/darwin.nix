{
  nix.settings = {
    max-jobz = 3;
    # nixtune: allow(sandbox-fallback-on) kept until the next release
    sandbox-fallback = true;
    substituters = [ "http://cache.example" ];
  };
}
