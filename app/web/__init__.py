"""The pages that people see in a browser, one folder per subject.

They show and command; they decide nothing.
"""
