"""The store on SQLite and PostgreSQL: SQLModel tables, and the questions and writes of `store/interface.py` in SQL.

Nothing outside the store builds a query.
"""
