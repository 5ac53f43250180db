{ inputs, ... }:
{
  nix.settings = inputs.common.nixSettings // {
    max-free = 107374182400;
  };
}
