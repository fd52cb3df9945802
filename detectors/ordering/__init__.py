"""Who orders more examinations than peers with the same patients: card, question and judge of each detector."""
