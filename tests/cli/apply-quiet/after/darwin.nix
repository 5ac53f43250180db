{
  nix.settings = {
    max-jobs = 3;
    # nixtune: allow(sandbox-fallback-on) kept until the next release
    sandbox-fallback = true;
    substituters = [ "http://cache.example" ];
  };
}
