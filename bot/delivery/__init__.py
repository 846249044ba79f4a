"""From new posts to confirmed messages: collect reads and plans, send delivers what is owed."""
