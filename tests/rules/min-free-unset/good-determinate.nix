{
  determinateNix.customSettings = {
    max-free = 107374182400;
    keep-outputs = true;
  };
}
