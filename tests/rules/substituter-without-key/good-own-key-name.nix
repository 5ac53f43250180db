{
  nix.settings = {
    # Both sign under a name that is not their host's.
    substituters = [
      "https://cache.iog.io"
      "https://cache.numtide.com"
    ];
    trusted-public-keys = [
      "hydra.iohk.io:f/Ea+s+dFdN+3Y/G+FDgSq+a5NEWhJGzdjvKNGv0/EQ="
      "niks3.numtide.com-1:DTx8wZduET09hRmMtKdQDxNNthLQETkc/yaX7M4qK0g="
    ];
  };
}
