"""Nights in virtual time: the real core under modelled faults, people and carrier. One seed is one night, always."""
