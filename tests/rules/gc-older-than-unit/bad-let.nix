let
  keep = "3w";
in
{
  nix.gc = {
    automatic = true;
    options = "--delete-older-than ${keep}";
  };
}
