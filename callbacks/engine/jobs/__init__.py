"""What runs now and then: auditor, checkpoints, drills, reports, feeds, retention.

No page waits for it.
"""
