# What the owner wants on every machine.
{ people, ... }:

{
  home.username = people.owner;
  home.stateVersion = "25.11";
  programs.home-manager.enable = true;

  # A person's own file may say this to the evaluator; the daemon would not listen.
  nix.settings.warn-dirty = false;
}
