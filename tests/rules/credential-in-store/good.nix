{
  nix.extraOptions = ''
    !include /run/secrets/nix-access-tokens.conf
  '';
  nix.settings.secret-key-files = [ "/etc/nix/cache.key" ];
  nix.settings.netrc-file = "/run/secrets/netrc";
  nix.buildMachines = [
    {
      hostName = "builder.acme.example";
      system = "x86_64-linux";
      sshKey = "/root/.ssh/id_builder";
    }
  ];
}
