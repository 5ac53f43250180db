{
  nix.settings = {
    sandbox = "strict";
    keep-outputs = "sometimes";
    log-lines = 2.5;
    tarball-ttl = -1;
  };
}
