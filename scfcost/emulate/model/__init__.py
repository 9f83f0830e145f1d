"""What is decided, without sockets, clock or processes: events in, verdicts and timers out."""
