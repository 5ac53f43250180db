{
  nix.gc = {
    automatic = true;
    dates = "*-*-* 03:00:00";
    options = "--delete-older-than 30d";
  };
  nix.optimise = {
    automatic = true;
    dates = [
      "Mon..Fri 12:00"
      "*-*~01 00/3:00"
    ];
  };
}
