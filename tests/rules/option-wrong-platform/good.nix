{
  nix.gc = {
    automatic = true;
    interval = { Weekday = 1; Hour = 0; Minute = 0; };
    options = "--delete-older-than 30d";
  };
  nix.optimise.automatic = true;
  nix.linux-builder.enable = true;
  nix.linux-builder.config.virtualisation.cores = 4;
  nix.registry.nixpkgs.to = { type = "path"; path = "/etc/nixpkgs"; };
  nix.settings.dates = 1;
}
