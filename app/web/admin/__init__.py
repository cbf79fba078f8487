"""What supervisors and administrators set up: people, customers, webhooks, the policy, the carrier checks.

The ledger is not shown here.
"""
