"""Nights in virtual time under modelled faults, people and carrier: one seed is one night.

No real database or network.
"""
