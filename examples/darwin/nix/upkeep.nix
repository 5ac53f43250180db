# Housekeeping.
{
  nix.gc = {
    automatic = true;
    interval = { Day = 1; }; # every day
    options = "--delete-older-than 2w";
  };

  # Daily as well.
  nix.optimise = {
    automatic = true;
    interval = { Day = 1; };
  };
}
