{ offline, ... }:
{
  nix.settings.substitute = if offline then false else true;
}
