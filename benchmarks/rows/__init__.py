"""One module a row of the table: each has `measure(plan)`, which yields its rows."""
