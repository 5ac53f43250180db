{
  nix.settings = {
    substituters = [
      "file:///mnt/usb/cache"
      "s3://acme-nix-cache?region=eu-central-1&profile=nix"
      "ssh-ng://builder@buildbox.lan"
      "https://cache.acme.example?trusted=1"
      "https://attic.acme.example/main"
      "https://cache.flakehub.com"
      "daemon"
    ];
    trusted-public-keys = [ "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=" ];
  };
}
