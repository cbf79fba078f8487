"""`python -m app.cli`: the command `callbacks` where it is not installed."""

from app.cli.main import main

main()
