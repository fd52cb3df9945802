"""What deserves a look: detector cards and questions, prepared tables, engines, statistics, leads."""
