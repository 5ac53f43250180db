let
  schedule = "*/6:00";
in
{
  nix.gc = {
    automatic = true;
    dates = schedule;
    options = "--delete-older-than 14d";
  };
}
