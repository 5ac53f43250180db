{
  nix.settings.access-tokens = [ "github.com=ghp_0123456789abcdefABCDEF0123456789abcd" ];
}
