"""The faults, by what they break. Each is put in with `inject` and taken away with `heal`."""
