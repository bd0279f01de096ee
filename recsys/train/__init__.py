"""Training and measuring, through Lightning; knows no component by name."""
