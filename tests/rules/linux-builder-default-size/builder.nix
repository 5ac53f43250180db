{ lib, ... }:
{
  virtualisation.cores = 8;
}
