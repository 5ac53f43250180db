{
  determinateNix.customSettings = {
    nix-path = [ "nixpkgs=flake:nixpkgs" ];
    keep-outputs = true;
  };
}
