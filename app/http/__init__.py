"""What every request passes: bounds, headers, hosts, problem documents, logs, metrics.

Nothing here knows an emergency.
"""
