{
  nix.settings.trusted-public-keys = [
    "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    "devenv.cachix.org-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cw="
    "a.acme.example-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cA="
    "b.acme.example-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cE="
    "c.acme.example-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cI="
    "d.acme.example-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cM="
    "e.acme.example-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cQ="
  ];
}
