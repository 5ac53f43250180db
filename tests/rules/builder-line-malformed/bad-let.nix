let
  builder = name: jobs: {
    hostName = name;
    system = "x86_64-linux";
    maxJobs = jobs;
  };
in
{
  nix.distributedBuilds = true;
  nix.buildMachines = [
    (builder "build01" 8)
    (builder "build02" (-1))
  ];
}
