"""Twilio's languages: REST calls, TwiML, status words, and guarded requests to other people's servers.

No rule of the promise.
"""
