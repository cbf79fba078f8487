"""The database: tables, the ledger and its chain, the outbox, claims. No decisions."""
