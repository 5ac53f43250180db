{
  nix.settings.substituters = [
    "https://nix-community.cachix.org?priority=41"
    "http://nas.lan?priority=10"
    "https://mirrors.ustc.edu.cn/nix-channels/store?priority=10"
    "https://cache.acme.example"
  ];
  nix.settings.trusted-public-keys = [ "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=" ];
}
