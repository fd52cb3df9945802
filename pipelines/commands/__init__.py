"""The commands of ``exam-audit``, a file for each noun; heavy rooms are imported only inside the functions."""
