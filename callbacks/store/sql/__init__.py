"""The store on SQLite and PostgreSQL: SQLModel tables, and the questions and writes of the interface of the store in SQL.

Nothing outside the store builds a query.
"""
