"""What the carrier calls: each route verifies the signature first, takes the report in, and answers TwiML."""
