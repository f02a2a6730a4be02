"""The parts that installers with a command line share."""
