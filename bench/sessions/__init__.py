"""How many calls a machine holds: a load of calls encoded beforehand, in a process of its own."""
