let
  sshUser = "root";
in
{
  imports = [ ./on.nix ];
  nix.buildMachines = [ { inherit sshUser; hostName = "build01"; system = "x86_64-linux"; maxJobs = 8; supportedFeatures = [ "kvm" ]; } ];
}
