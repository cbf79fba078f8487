"""Runs every benchmark."""

from benchmarks import core_speed, page_latency, storm

core_speed.report()
page_latency.report()
storm.report()
