{
  nix.settings.substituters = [
    "https://cache.numtide.com"
    "https://cache.iog.io"
    "https://numtide-mirror.acme.example"
  ];
  nix.settings.trusted-substituters = [ "https://numtide.cachix.org" ];
}
