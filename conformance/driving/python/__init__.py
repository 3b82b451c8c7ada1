"""The drivers: small programs that each do the same jobs with one client, and tell what they read.

They run in processes of their own, in whichever environment has the client. Nothing here is imported by the
suite.
"""
