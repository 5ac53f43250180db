{
  nix.gc.automatic = true;
  systemd.services.tidy.script = ''
    nix-env --profile /nix/var/nix/profiles/system --delete-generations +5
  '';
}
