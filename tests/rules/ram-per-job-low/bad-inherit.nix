let
  max-jobs = 5;
in
{
  nix.settings = {
    inherit max-jobs;
    cores = 2;
  };
}
