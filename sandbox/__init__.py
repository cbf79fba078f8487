"""The phone network on your desk: a carrier's HTTP with phones in the browser.

It imports nothing of the product.
"""
