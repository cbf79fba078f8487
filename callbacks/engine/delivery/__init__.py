"""Claims outbox rows, sends them, records the outcome under the fence.

It opens no emergency.
"""
