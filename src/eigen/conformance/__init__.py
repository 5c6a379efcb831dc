"""The conformance kit: what every device of Eigen OS must do, as a table of checks that are asked of it through its
driver, wherever that runs. `eigen backends test NAME` asks them, and `pytest --pyargs eigen.conformance --driver NAME`.
"""
