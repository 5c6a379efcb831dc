"""Tables of the names programs may use: built-in functions, `math`, `numpy`."""
