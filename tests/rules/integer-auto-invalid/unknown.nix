{ cfg, ... }:
{
  nix.settings.cores = cfg.cores;
  nix.settings.http-connections = if cfg.fast then cfg.connections else 25;
}
