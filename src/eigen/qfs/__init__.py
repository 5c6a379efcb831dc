"""Where everything is kept: `store` says what storage does, `artifacts` are files, `db` and `job_store` are SQL.

Importing this package imports nothing else; SQLAlchemy comes with `db`.
"""
