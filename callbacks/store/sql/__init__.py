"""The store on SQLite and PostgreSQL: SQLModel tables, and the questions and writes of the engine in SQL.

Nothing outside the store builds a query.
"""
