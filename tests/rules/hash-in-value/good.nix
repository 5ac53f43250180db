{
  nix.settings.bash-prompt-suffix = "dev$ "; # the shell
  nix.registry.nixpkgs.to.path = "/x#y";
}
