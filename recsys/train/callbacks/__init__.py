"""What happens beside training: Lightning callbacks, each named in conf/callbacks."""
