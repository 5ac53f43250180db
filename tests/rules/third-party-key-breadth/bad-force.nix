{ lib, ... }:
{
  nix.settings.trusted-public-keys = lib.mkForce [
    "a.acme.example-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cA="
    "b.acme.example-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cE="
    "c.acme.example-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cI="
    "d.acme.example-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cM="
    "e.acme.example-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cQ="
    "f.acme.example-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cU="
  ];
}
