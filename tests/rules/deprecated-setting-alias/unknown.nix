{ names, ... }:
{
  nix.settings.${names.timeout} = 3600;
  nix.settings."${names.prefix}-timeout" = 3600;
}
