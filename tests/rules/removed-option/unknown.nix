{ services, nixOptions, ... }:
{
  inherit services;
  nix = nixOptions;
}
