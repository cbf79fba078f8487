"""What Twilio calls: each route verifies the signature, hands the report to the engine and answers TwiML.

Nothing is sent from here.
"""
