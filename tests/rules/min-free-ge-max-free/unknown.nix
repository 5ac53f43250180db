{ limits, ... }:
{
  nix.settings = {
    min-free = 10737418240;
    max-free = limits.max;
  };
}
