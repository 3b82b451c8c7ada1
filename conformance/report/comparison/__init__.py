"""Several runs beside each other: the columns, the lines and the facts of a comparison."""
