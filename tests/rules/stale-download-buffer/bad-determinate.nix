{
  determinateNix.customSettings.download-buffer-size = 536870912;
}
