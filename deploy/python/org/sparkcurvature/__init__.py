"""Names of Java classes, for PySpark."""
