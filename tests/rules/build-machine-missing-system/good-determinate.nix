{
  determinateNix.buildMachines = [ { hostName = "build01"; maxJobs = 4; } ];
}
