"""Who is asking and what they may do: logins, second factors, tokens, magic links, one table of rights.

No page is drawn here.
"""
