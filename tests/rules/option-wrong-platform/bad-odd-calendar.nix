{
  nix.gc.dates = "Mon..Fri *-*-* 02,14:30:00";
}
