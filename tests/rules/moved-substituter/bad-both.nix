{
  nix.settings.extra-substituters = [
    "https://chaotic-nyx.cachix.org/"
    "https://nyx-cache.chaotic.cx/"
  ];
  nix.settings.extra-trusted-public-keys = [
    "chaotic-nyx.cachix.org-1:HfnXSw4pj95iI/n17rIDy40agHj12WfF+Gqk6SonIT8="
    "nyx-cache.chaotic.cx:dJxTrgMC3V3cFfyIiBQDQorG6k1LsqurH/srpMSq7qk="
  ];
}
