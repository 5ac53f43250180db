let
  wanted = false;
in
{
  nix.linux-builder = {
    enable = wanted;
    maxJobs = 4;
  };
}
