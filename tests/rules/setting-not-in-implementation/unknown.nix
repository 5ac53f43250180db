{ nixPackage, ... }:
{
  nix.package = nixPackage;
  nix.settings.eval-cores = 4;
}
