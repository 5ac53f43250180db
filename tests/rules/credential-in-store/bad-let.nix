let
  githubToken = "k3jh4kjh5k3jh4kjh5";
in
{
  nix.settings.access-tokens = "github.com=${githubToken}";
}
