"""What this process sent and what came of it, for its metrics.

An engine without a web part is read by nobody; the house's own gauges (`app/api/gauges.py`) come from the database.
"""

from prometheus_client import Counter

sends = Counter("callbacks_sends", "What was handed to the carrier or others, by kind and result", ["kind", "result"])
