{
  nix.settings.access-tokens = [ "github.com=<token>" "gitlab.com=ghp_xxxxxxxxxxxxxxxx" ];
  nix.settings.substituters = [ "ssh-ng://nix-remote-builder@cache.acme.example" ];
}
