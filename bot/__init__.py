"""The process: settings, wiring, transports, clocks."""
