"""Compares our records with Twilio's own and takes in what webhooks did not tell.

It sends nothing.
"""
