"""What checks of several areas share."""
