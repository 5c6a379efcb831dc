"""Between the messages of `eigen.api.v1` and the values of the house: pure functions in pairs, one file per noun."""
