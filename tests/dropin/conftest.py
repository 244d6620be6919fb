"""The scripts are run by the test, as programs with arguments."""

collect_ignore = ["scripts"]
